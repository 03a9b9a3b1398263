#!/usr/bin/perl
# Issues, revokes and tries capabilities over the node's sockets, one answer a line: usage capabilities.pl issue N FILE | revoke FILE FROM | try FILE
use strict;
use warnings;
use IO::Handle;
use Socket;

my $run = $ENV{STRATA_RUNTIME_DIR} // '/run/strata';
my %sockets;

sub call {
    my ($service, $request) = @_;
    my $socket = $sockets{$service} //= do {
        socket(my $made, PF_UNIX, SOCK_STREAM, 0) or die "socket: $!";
        connect($made, sockaddr_un("$run/$service.sock")) or die "connect to $service: $!";
        $made->autoflush(1);
        $made;
    };
    print {$socket} pack('N', length $request), $request or die "write to $service: $!";
    return take($socket, unpack('N', take($socket, 4)));
}

sub take {
    my ($socket, $length) = @_;
    my $read = '';
    while (length $read < $length) {
        sysread($socket, $read, $length - length $read, length $read) or die "the service closed the connection\n";
    }
    return $read;
}

sub lines {
    open my $file, '<', shift or die "$!";
    return map { chomp; [split / /] } <$file>;
}

$| = 1;
my ($what, @rest) = @ARGV;
if ($what eq 'issue') {
    my ($count, $path) = @rest;
    open my $file, '>', $path or die "$path: $!";
    for my $number (1 .. $count) {
        my $answer = call('identity', qq({"v":1,"req_id":"$number","method":"identity.issue","params":{"service":"fs","rights":["fs.stat"],"path_prefix":"/srv","ttl_seconds":3600,"subject":"test"}}));
        my ($id) = $answer =~ /"cap_id":"([0-9a-f]+)"/ or die "not issued: $answer\n";
        my ($token) = $answer =~ /"token":"([^"]+)"/ or die "not issued: $answer\n";
        print {$file} "$id $token\n";
    }
    $file->flush;
    $file->sync;
    print "issued $count\n";
}
elsif ($what eq 'revoke') {
    my ($path, $from) = @rest;
    my @issued = lines($path);
    for my $number ($from .. $#issued) {
        my $answer = call('identity', qq({"v":1,"req_id":"$number","method":"identity.revoke","params":{"cap_id":"$issued[$number][0]"}}));
        $answer =~ /"status":"revoked"/ or die "not revoked: $answer\n";
        print "acknowledged $number\n";
    }
}
elsif ($what eq 'try') {
    my $number = 0;
    for my $issued (lines($rest[0])) {
        my $answer = call('fs', qq({"v":1,"req_id":"$number","method":"fs.stat","auth":{"token":"$issued->[1]"},"params":{"path":"/srv"}}));
        my ($reason) = $answer =~ /"reason":"([^"]+)"/;
        print "$number ", $answer =~ /"ok":true/ ? 'allowed' : $reason // $answer, "\n";
        $number++;
    }
}
else { die "usage: capabilities.pl issue N FILE | revoke FILE FROM | try FILE\n" }
