# undated.pl - takes the time of the build out of a type library: perl undated.pl FILE
# widl writes it twice, as a line of text and as a number, and up to version 8 whatever
# SOURCE_DATE_EPOCH says. Both are custom data that nothing reads; their lengths stay the same.
# SPDX-License-Identifier: MIT
use strict;
use warnings;

my $name = shift or die "usage: undated.pl FILE\n";
open my $in, '<:raw', $name or die "$name: $!\n";
my $library = do { local $/; <$in> };
close $in;

# "Created by WIDL version 8.0 at Thu Jan  1 00:00:00 1970"
$library =~ s/(Created by WIDL version [^\n]*? at )[^\n]{24}(?=\n)/$1Thu Jan  1 00:00:00 1970/
    or die "$name: no line of text with the time\n";
# Two numbers (VT_UI4), each filled up to eight bytes: the time, then the version of MIDL.
$library =~ s/\x13\x00....WW(?=\x13\x00....WW)/\x13\x00\x00\x00\x00\x00WW/s
    or die "$name: no number with the time\n";

open my $out, '>:raw', $name or die "$name: $!\n";
print $out $library;
close $out or die "$name: $!\n";
