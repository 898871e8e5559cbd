# import.pl - what Microsoft's compiler makes of `#import "library.tlb"`, for compilers without #import:
#             smart pointers, wrappers that throw _com_error, properties as GetX and PutX.
# Usage: perl import.pl HEADER LIBRARY.idl [IMPORTED.idl ...]
#   Of the IDL files, whose library tests/com/type_library_test.c holds to what it is. It reads IDL as it
#   is written in idl/: a member ends with ");", an interface with a line "}".
# Reference: "The #import directive", "Primary type library header", Microsoft Learn
# SPDX-License-Identifier: MIT
use strict;
use warnings;

my (@types, @interfaces, @classes, $namespace);
my %is_interface = (IUnknown => 1, IStream => 1);

sub uuid_numbers
{
    my ($first, $second, $third, $rest) = shift =~ /^(\w{8})-(\w{4})-(\w{4})-(\w{4}-\w{12})$/
        or die "not a uuid\n";
    $rest =~ tr/-//d;
    return join ', ', map { "0x$_" } $first, $second, $third, $rest =~ /../g;
}

# A parameter: its attributes, its type as C++ has it, its name, its default.
sub parameter
{
    my ($attributes, $type, $stars, $name) = shift =~ /^\[(.*?)\]\s*(.*?)\s*(\**)(\w+)$/s
        or die "not a parameter: @_\n";
    my ($default) = $attributes =~ /defaultvalue\((.*)\)/;
    $type = 'SAFEARRAY *' if $type =~ s/^SAFEARRAY\(.*\)$//;
    return { is_value => scalar($attributes =~ /\bretval\b/), default => $default, type => $type,
             stars => $stars, name => $name };
}

sub members
{
    my @members;
    for (shift =~ /(\[id\(.*?\)\s*;)/gs) {
        my ($attributes, $name, $list) = /^\[(id.*?)\]\s*HRESULT\s+(\w+)\((.*)\)\s*;$/s
            or die "not a member: $_\n";
        my $kind = $attributes =~ /\b(propget|propput)\b/ ? $1 : 'method';
        push @members, { name => $name, kind => $kind,
                         parameters => [map { parameter($_) } split /,\s*(?=\[)/, $list] };
    }
    return @members;
}

# What a wrapper takes in the place of a parameter, and what it hands on.
sub taken
{
    my $parameter = shift;
    my ($type, $name) = @$parameter{qw(type name)};
    my $default = defined $parameter->{default} ? " = $parameter->{default}" : '';
    if ($type eq 'BSTR' && !$parameter->{stars}) {
        $default =~ s/= "/= L"/;
        return "_bstr_t $name$default";
    }
    return "$type $parameter->{stars}$name$default";
}

# The value of a wrapper: a smart pointer and _bstr_t own what they are given.
sub value_of
{
    my $parameter = shift or return ('HRESULT', '_hr');
    my $type = $parameter->{type} . substr $parameter->{stars}, 1;
    return ("$1Ptr", "$1Ptr(_result, false)") if $type =~ /^(\w+)\*$/ && $is_interface{$1};
    return ('_bstr_t', '_bstr_t(_result, false)') if $type eq 'BSTR';
    return ($type, '_result');
}

my %raw = (method => 'raw_', propget => 'get_', propput => 'put_');
my %wrapped = (method => '', propget => 'Get', propput => 'Put');

sub raw_declaration
{
    my $member = shift;
    my $list = join ', ', map { "$_->{type} $_->{stars}$_->{name}" } @{$member->{parameters}};
    return "    virtual HRESULT __stdcall $raw{$member->{kind}}$member->{name}($list) = 0;\n";
}

sub wrapper
{
    my ($interface, $member, $is_inside) = @_;
    my ($value) = grep { $_->{is_value} } @{$member->{parameters}};
    my ($type, $result) = value_of($value);
    my @taken = map { taken($_) } grep { !$_->{is_value} } @{$member->{parameters}};
    my $name = "$wrapped{$member->{kind}}$member->{name}";
    return "    $type $name(" . join(', ', @taken) . ");\n" if $is_inside;

    my $list = join ', ', map { s/ = .*//r } @taken;
    my $passed = join ', ', map { $_->{is_value} ? '&_result' : $_->{name} } @{$member->{parameters}};
    my $declared = $value ? "    $value->{type} " . substr($value->{stars}, 1) . "_result = {};\n" : '';
    return "inline $type ${interface}::$name($list)\n{\n$declared"
        . "    HRESULT _hr = $raw{$member->{kind}}$member->{name}($passed);\n"
        . "    if (FAILED(_hr)) _com_issue_errorex(_hr, this, __uuidof(this));\n"
        . "    return $result;\n}\n";
}

my $header = shift or die "usage: import.pl HEADER LIBRARY.idl [IMPORTED.idl ...]\n";
for my $file (@ARGV) {
    open my $in, '<', $file or die "$file: $!\n";
    my $text = do { local $/; <$in> };
    close $in;
    $text =~ s{/\*.*?\*/}{}gs;
    $text =~ s/^#ifdef SCM_TYPE_LIBRARY\n(.*?)^#else\n.*?^#endif\n/$1/gms;
    $text =~ s/^\s*(cpp_quote|import|importlib)\b.*$//gm;
    # What is imported comes before what needs it.
    my @found = map { s/\[(v1_enum|helpstring)[^\]]*\]\s*//r }
        $text =~ /^(typedef\s+(?:\[[^\]]*\]\s*)?(?:enum|struct)\b.*?\}\s*\w+;|typedef\s[^{}]*?;)/gms;
    unshift @types, @found;
    my @here;
    while ($text =~ /uuid\((.*?)\)[^\]]*\]\s*interface\s+(\w+)\s*:\s*IDispatch\s*\{(.*?)^\}/gms) {
        push @here, { uuid => $1, name => $2, members => [members($3)] };
        $is_interface{$2} = 1;
    }
    unshift @interfaces, @here;
    $namespace = $1 if $text =~ /^library\s+(\w+)/m;
    push @classes, [$1, $2] while $text =~ /uuid\(([^)]*)\)[^\]]*\]\s*coclass\s+(\w+)/g;
}
die "no library in @ARGV\n" unless $namespace;
open STDOUT, '>', $header or die "$header: $!\n";

print "/* Made by import.pl of @ARGV. */\n#pragma once\n#include \"import.hpp\"\n\nnamespace $namespace\n{\n";
print "struct $_->{name};\n" for @interfaces;
print "struct $_->[1];\n" for @classes;
print "}\n\n";
print "__CRT_UUID_DECL(${namespace}::$_->[1], " . uuid_numbers($_->[0]) . ")\n"
    for (map { [$_->{uuid}, $_->{name}] } @interfaces), @classes;
print "\nnamespace $namespace\n{\n";
print "_COM_SMARTPTR_TYPEDEF($_->{name}, __uuidof($_->{name}));\n" for @interfaces;
print map { "$_\n" } '', @types;
for my $interface (@interfaces) {
    print "\nstruct $interface->{name} : IDispatch\n{\n";
    print wrapper($interface->{name}, $_, 1) for @{$interface->{members}};
    print "\n";
    print raw_declaration($_) for @{$interface->{members}};
    print "};\n";
}
for my $interface (@interfaces) {
    print "\n", wrapper($interface->{name}, $_, 0) for @{$interface->{members}};
}
print "}\n";
close STDOUT or die "$header: $!\n";
