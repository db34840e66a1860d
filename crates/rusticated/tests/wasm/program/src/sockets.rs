//! TCP, UDP and pipes of the host.
use rusticated::io::{self, AsyncRead, AsyncWrite, ErrorKind};
use rusticated::net::{Shutdown, TcpListener, TcpStream, UdpSocket};
use rusticated::rt;
use rusticated::time::{Duration, timeout};

crate::behaviours![
    a_hundred_kilobytes_go_there_and_back_over_both_kinds_of_addresses,
    the_end_of_a_connection_is_the_end_of_input,
    one_direction_ends_and_the_other_goes_on,
    nobody_listening_is_refused,
    an_address_is_taken_once,
    what_is_peeked_at_is_read_again,
    many_connections_are_served_side_by_side,
    datagrams_keep_their_borders,
    what_the_host_has_not_is_unsupported,
    pipes_carry_bytes_and_end,
    a_read_that_was_dropped_takes_nothing_afterwards,
    an_accept_that_was_dropped_can_be_made_again,
];

async fn connected(address: &str) -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind(address).await.unwrap();
    let (client, server) = rt::join(TcpStream::connect(listener.local_addr().unwrap()), listener.accept()).await;
    let (client, (server, peer)) = (client.unwrap(), server.unwrap());
    assert_eq!(client.local_addr().unwrap(), peer);
    assert_eq!(client.peer_addr().unwrap(), server.local_addr().unwrap());
    (client, server)
}

async fn write_all(to: &mut impl AsyncWrite, bytes: &[u8]) {
    let mut rest = bytes.to_vec();
    while !rest.is_empty() {
        let (count, back) = to.write(rest).await;
        rest = back;
        rest.drain(..count.unwrap());
    }
}

async fn read_up_to(from: &mut impl AsyncRead, count: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(count);
    while bytes.len() < count {
        let (read, back) = from.read(bytes).await;
        bytes = back;
        if read.unwrap() == 0 {
            break;
        }
    }
    bytes
}

async fn a_hundred_kilobytes_go_there_and_back_over_both_kinds_of_addresses() {
    let bytes: Vec<u8> = (0..100_000u32).map(|place| (place % 253) as u8).collect();
    for address in ["127.0.0.1:0", "[::1]:0"] {
        let (mut client, mut server) = connected(address).await;
        let echo = rt::spawn(async move {
            loop {
                let (count, part) = server.read(Vec::with_capacity(10_000)).await;
                if count.unwrap() == 0 {
                    return;
                }
                write_all(&mut server, &part).await;
            }
        });
        write_all(&mut client, &bytes).await;
        client.shutdown(Shutdown::Write).unwrap();
        assert!(read_up_to(&mut client, bytes.len()).await == bytes);
        echo.await.unwrap();
    }
}

async fn the_end_of_a_connection_is_the_end_of_input() {
    let (mut client, mut server) = connected("127.0.0.1:0").await;
    client.write(b"last words".to_vec()).await.0.unwrap();
    drop(client);
    assert_eq!(read_up_to(&mut server, 100).await, b"last words");
    assert_eq!(server.read(Vec::with_capacity(1)).await.0.unwrap(), 0);
}

async fn one_direction_ends_and_the_other_goes_on() {
    let (mut client, mut server) = connected("127.0.0.1:0").await;
    client.shutdown(Shutdown::Write).unwrap();
    assert_eq!(server.read(Vec::with_capacity(1)).await.0.unwrap(), 0);
    server.write(b"still".to_vec()).await.0.unwrap();
    assert_eq!(read_up_to(&mut client, 5).await, b"still");
    assert_eq!(client.write(b"x".to_vec()).await.0.unwrap_err().kind(), ErrorKind::BrokenPipe);
}

async fn nobody_listening_is_refused() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    assert_eq!(TcpStream::connect(address).await.unwrap_err().kind(), ErrorKind::ConnectionRefused);
}

async fn an_address_is_taken_once() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let again = TcpListener::bind(listener.local_addr().unwrap()).await.unwrap_err();
    assert_eq!(again.kind(), ErrorKind::AddrInUse);
}

async fn what_is_peeked_at_is_read_again() {
    let (mut client, mut server) = connected("127.0.0.1:0").await;
    client.write(b"again".to_vec()).await.0.unwrap();
    let (count, bytes) = server.peek(Vec::with_capacity(2)).await;
    assert_eq!((count.unwrap(), bytes), (2, b"ag".to_vec()));
    assert_eq!(read_up_to(&mut server, 5).await, b"again");
}

async fn many_connections_are_served_side_by_side() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = rt::spawn(async move {
        for _ in 0..16 {
            let (mut stream, _) = listener.accept().await.unwrap();
            drop(rt::spawn(async move {
                let bytes = read_up_to(&mut stream, 3).await;
                write_all(&mut stream, &bytes).await;
            }));
        }
    });
    let clients: Vec<_> = (0..16u8)
        .map(|nth| {
            rt::spawn(async move {
                let mut stream = TcpStream::connect(address).await.unwrap();
                write_all(&mut stream, &[nth, 1, 2]).await;
                assert_eq!(read_up_to(&mut stream, 3).await, [nth, 1, 2]);
            })
        })
        .collect();
    for client in clients {
        client.await.unwrap();
    }
    serving.await.unwrap();
}

async fn datagrams_keep_their_borders() {
    let one = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let other = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let to = other.local_addr().unwrap();
    for datagram in [&b"first"[..], b"", b"third and longer"] {
        one.send_to(datagram.to_vec(), to).await.0.unwrap();
    }
    for datagram in [&b"first"[..], b"", b"third and longer"] {
        let expected = (datagram.len(), one.local_addr().unwrap());
        let (peeked, bytes) = other.peek_from(Vec::with_capacity(100)).await;
        assert_eq!((peeked.unwrap(), bytes.as_slice()), (expected, datagram));
        let (received, bytes) = other.recv_from(Vec::with_capacity(100)).await;
        assert_eq!((received.unwrap(), bytes.as_slice()), (expected, datagram));
    }
    one.connect(to).await.unwrap();
    assert_eq!(one.peer_addr().unwrap(), to);
    one.send(b"hello".to_vec()).await.0.unwrap();
    assert_eq!(other.recv(Vec::with_capacity(3)).await.1, b"hel", "the rest is lost");
    one.set_broadcast(true).unwrap();
    assert!(one.broadcast().unwrap());
}

async fn what_the_host_has_not_is_unsupported() {
    let (client, _server) = connected("127.0.0.1:0").await;
    assert_eq!(client.set_ttl(3).unwrap_err().kind(), ErrorKind::Unsupported);
    client.set_nodelay(true).unwrap();
    assert!(client.nodelay().unwrap());
    assert!(client.take_error().unwrap().is_none());
}

async fn pipes_carry_bytes_and_end() {
    let (mut reader, mut writer) = io::pipe().unwrap();
    let reading = rt::spawn(async move {
        let bytes = read_up_to(&mut reader, 100).await;
        (bytes, reader)
    });
    writer.write(b"through".to_vec()).await.0.unwrap();
    drop(writer);
    let (bytes, reader) = reading.await.unwrap();
    assert_eq!(bytes, b"through");
    drop(reader);
    let (reader, mut writer) = io::pipe().unwrap();
    drop(reader);
    assert_eq!(writer.write(b"x".to_vec()).await.0.unwrap_err().kind(), ErrorKind::BrokenPipe);
}

async fn a_read_that_was_dropped_takes_nothing_afterwards() {
    let (mut reader, mut writer) = io::pipe().unwrap();
    for round in 0..20u8 {
        assert!(timeout(Duration::from_micros(100), reader.read(Vec::with_capacity(4096))).await.is_err());
        writer.write(vec![round; 3]).await.0.unwrap();
        assert_eq!(read_up_to(&mut reader, 3).await, [round; 3]);
    }
}

async fn an_accept_that_was_dropped_can_be_made_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    for _ in 0..5 {
        assert!(timeout(Duration::from_millis(1), listener.accept()).await.is_err());
    }
    let (client, server) = rt::join(TcpStream::connect(listener.local_addr().unwrap()), listener.accept()).await;
    let (mut client, (mut server, _)) = (client.unwrap(), server.unwrap());
    client.write(b"1".to_vec()).await.0.unwrap();
    assert_eq!(read_up_to(&mut server, 1).await, b"1");
}
