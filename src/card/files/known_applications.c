/*
 * known_applications - applications that cards of many makers have: data only.
 * Layer: card/files.
 * A row gives the name by which the application is selected, and where its files have identifiers
 * that no other list tells, those. Names that are the same for several cards (PKCS#15 is also
 * MyEID's and FINeID's) stand here once.
 * SPDX-License-Identifier: MIT
 */
#include "card/files/applications.h"

/* clang-format off */
const struct card_known_application card_known_applications[] = {
    { "A000000063504B43532D3135", "PKCS#15, FINeID, MyEID", "ISO/IEC 7816-15:2016",
      { { 0x5031, 0x5033 }, { 0x4400, 0x440F } } },
    { "A00000030800001000", "PIV", "NIST SP 800-73-4, part 1", { { 0 } } },
    { "D27600012401", "OpenPGP", "OpenPGP smart card application 3.4.1", { { 0 } } },
    { "315041592E5359532E4444463031", "payment applications (1PAY.SYS.DDF01)",
      "EMV 4.3, book 1, application selection", { { 0 } } },
    { "325041592E5359532E4444463031", "contactless payment applications (2PAY.SYS.DDF01)",
      "EMV Contactless, book B, entry point", { { 0 } } },
    { "A0000002471001", "travel document", "ICAO Doc 9303, part 10",
      { { 0x011C, 0x011E }, { 0x0101, 0x0110 } } },
    { "A000000116DB00", "CAC, card capabilities", "NIST IR 6887 (GSC-IS 2.1)",
      { { 0 } } },
    { "A0000000790100", "CAC, identity key", "DoD CAC end-point implementation guide",
      { { 0 } } },
    { "A000000397425446590201", "GIDS", "Generic Identity Device Specification 2.0",
      { { 0 } } },
    { "A000000077010800070000FE00000100", "IAS ECC, EstEID of 2018",
      "Estonian ID card developer's guide of 2018", { { 0 } } },
    { "D23300000045737445494420763335", "EstEID 3.5", "EstEID specification 3.5",
      { { 0 } } },
    { "A000000177504B43532D3135", "Belgian eID", "Belgian eID card content",
      { { 0x5031, 0x503F } } },
    { "FF544143484F", "tachograph", "Regulation (EEC) 3821/85, annex I B, appendix 2",
      { { 0x0501, 0x050E }, { 0x0520, 0x0524 } } },
    { "FF534D524454", "tachograph, second generation",
      "Implementing Regulation (EU) 2016/799, annex I C, appendix 2", { { 0x0501, 0x050E },
      { 0x0520, 0x0526 } } },
    { "A0000000871002", "USIM", "ETSI TS 101 220; 3GPP TS 31.102",
      { { 0x6F05, 0x6FFF } } },
    { "D392F000260100000001", "JPKI", "Japan Agency for Local Authority Information Systems",
      { { 0x0001, 0x001F } } },
    { "D27600000102", "German health card (HCA)", "gematik, object system of the eGK",
      { { 0xD001, 0xD00F } } },
    { "E80704007F00070302", "German identity card (eID)", "BSI TR-03110, part 4", { { 0 } } },
    { "A000000167455349474E", "ESIGN", "EN 14890-1 (DIN V 66291-4)", { { 0 } } },
    { "A0000002480100", "driving licence", "ISO/IEC 18013-2:2020, annex C", { { 0x0001, 0x0010 } } },
    { "D2760000850101", "NDEF", "NFC Forum Type 4 Tag Operation 2.0",
      { { 0xE103, 0xE106 } } },
    { "A0000006472F0001", "FIDO", "FIDO Client to Authenticator Protocol 2.0",
      { { 0 } } },
};
/* clang-format on */

const size_t card_known_applications_count =
    sizeof(card_known_applications) / sizeof(card_known_applications[0]);
