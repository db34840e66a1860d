//! TCP and UDP on the loopback.
use std::rc::Rc;

use rusticated::io::{AsyncRead, AsyncWrite, ErrorKind};
use rusticated::net::{Shutdown, TcpListener, TcpStream, UdpSocket};
use rusticated::rt;
use support::{read_up_to, run, write_all};

mod support;

/// Two ends of a connection.
async fn connected(address: &str) -> rusticated::io::Result<(TcpStream, TcpStream)> {
    let listener = TcpListener::bind(address).await?;
    let (client, server) = rt::join(TcpStream::connect(listener.local_addr()?), listener.accept()).await;
    let (server, peer) = server?;
    let client = client?;
    assert_eq!(client.local_addr()?, peer);
    assert_eq!(client.peer_addr()?, server.local_addr()?);
    assert_eq!(server.peer_addr()?, peer);
    Ok((client, server))
}

#[test]
fn a_megabyte_goes_there_and_back_over_both_kinds_of_addresses() {
    let bytes: Vec<u8> = (0..1_000_000u32).map(|place| (place % 253) as u8).collect();
    for address in ["127.0.0.1:0", "[::1]:0"] {
        run(async {
            let (mut client, mut server) = connected(address).await?;
            let echo = rt::spawn(async move {
                loop {
                    let (count, part) = server.read(Vec::with_capacity(10_000)).await;
                    if count? == 0 {
                        return rusticated::io::Result::Ok(());
                    }
                    write_all(&mut server, &part).await?;
                }
            });
            let client = Rc::new(client_halves(&mut client));
            let (sent, received) = rt::join(client.send_all(&bytes), client.receive_all(bytes.len())).await;
            sent?;
            assert!(received? == bytes, "the bytes came back changed");
            client.0.shutdown(Shutdown::Write)?;
            echo.await.unwrap()
        });
    }
}

/// Both directions of a connection at once, through a shared reference.
struct Halves<'a>(&'a TcpStream);

fn client_halves(stream: &mut TcpStream) -> Halves<'_> {
    Halves(stream)
}

impl Halves<'_> {
    async fn send_all(&self, bytes: &[u8]) -> rusticated::io::Result<()> {
        let mut rest = bytes.to_vec();
        while !rest.is_empty() {
            let (count, back) = self.0.send(rest).await;
            rest = back;
            rest.drain(..count?);
        }
        Ok(())
    }

    async fn receive_all(&self, length: usize) -> rusticated::io::Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(length);
        while bytes.len() < length {
            let (count, back) = self.0.receive(bytes).await;
            bytes = back;
            assert_ne!(count?, 0, "the connection ended too early");
        }
        Ok(bytes)
    }
}

#[test]
fn the_end_of_a_connection_is_the_end_of_input_on_the_other_side() {
    run(async {
        let (mut client, mut server) = connected("127.0.0.1:0").await?;
        client.write(b"last words".to_vec()).await.0?;
        drop(client);
        assert_eq!(read_up_to(&mut server, 100).await?, b"last words");
        assert_eq!(server.read(Vec::with_capacity(1)).await.0?, 0);
        Ok(())
    });
}

#[test]
fn one_direction_ends_and_the_other_goes_on() {
    run(async {
        let (mut client, mut server) = connected("127.0.0.1:0").await?;
        client.shutdown(Shutdown::Write)?;
        assert_eq!(server.read(Vec::with_capacity(1)).await.0?, 0);
        server.write(b"still".to_vec()).await.0?;
        assert_eq!(read_up_to(&mut client, 5).await?, b"still");
        let error = client.write(b"x".to_vec()).await.0.unwrap_err();
        assert_eq!(error.kind(), if cfg!(windows) { error.kind() } else { ErrorKind::BrokenPipe });
        Ok(())
    });
}

#[test]
fn what_is_peeked_at_is_read_again() {
    run(async {
        let (mut client, mut server) = connected("127.0.0.1:0").await?;
        client.write(b"again".to_vec()).await.0?;
        let (count, bytes) = server.peek(Vec::with_capacity(2)).await;
        assert_eq!((count?, bytes), (2, b"ag".to_vec()));
        assert_eq!(read_up_to(&mut server, 5).await?, b"again");
        Ok(())
    });
}

#[test]
fn nobody_listening_is_refused() {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        drop(listener);
        assert_eq!(TcpStream::connect(address).await.unwrap_err().kind(), ErrorKind::ConnectionRefused);
        Ok(())
    });
}

#[test]
fn an_address_is_taken_once() {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let again = TcpListener::bind(listener.local_addr()?).await.unwrap_err();
        assert_eq!(again.kind(), ErrorKind::AddrInUse);
        Ok(())
    });
}

#[test]
fn a_text_that_is_no_address_says_so() {
    run(async {
        let error = TcpStream::connect("localhost:80").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains("host names are not resolved"), "{error}");
        Ok(())
    });
}

#[test]
fn sixty_four_connections_are_served_side_by_side() {
    run(async {
        let listener = Rc::new(TcpListener::bind("127.0.0.1:0").await?);
        let address = listener.local_addr()?;
        let serving = rt::spawn(async move {
            for _ in 0..64 {
                let (mut stream, _) = listener.accept().await.unwrap();
                rt::spawn(async move {
                    loop {
                        let (count, part) = stream.read(Vec::with_capacity(64)).await;
                        if count.unwrap() == 0 {
                            return;
                        }
                        write_all(&mut stream, &part).await.unwrap();
                    }
                });
            }
        });
        let clients: Vec<_> = (0..64u8)
            .map(|nth| {
                rt::spawn(async move {
                    let mut stream = TcpStream::connect(address).await?;
                    for round in 0..100u8 {
                        write_all(&mut stream, &[nth, round, 7]).await?;
                        assert_eq!(read_up_to(&mut stream, 3).await?, [nth, round, 7]);
                    }
                    rusticated::io::Result::Ok(())
                })
            })
            .collect();
        for client in clients {
            client.await.unwrap()?;
        }
        serving.await.unwrap();
        Ok(())
    });
}

#[test]
fn options_are_kept_by_the_socket() {
    run(async {
        let (client, _server) = connected("127.0.0.1:0").await?;
        client.set_nodelay(true)?;
        assert!(client.nodelay()?);
        client.set_nodelay(false)?;
        assert!(!client.nodelay()?);
        client.set_ttl(42)?;
        assert_eq!(client.ttl()?, 42);
        assert!(client.take_error()?.is_none());
        let socket = UdpSocket::bind("127.0.0.1:0").await?;
        socket.set_broadcast(true)?;
        assert!(socket.broadcast()?);
        Ok(())
    });
}

#[test]
fn datagrams_keep_their_borders() {
    run(async {
        let (one, other) = (UdpSocket::bind("127.0.0.1:0").await?, UdpSocket::bind("127.0.0.1:0").await?);
        for datagram in [&b"first"[..], b"", b"third and longer"] {
            assert_eq!(one.send_to(datagram.to_vec(), other.local_addr()?).await.0?, datagram.len());
        }
        for datagram in [&b"first"[..], b"", b"third and longer"] {
            let (peeked, bytes) = other.peek_from(Vec::with_capacity(100)).await;
            assert_eq!((peeked?, bytes.as_slice()), ((datagram.len(), one.local_addr()?), datagram));
            let (received, bytes) = other.recv_from(Vec::with_capacity(100)).await;
            assert_eq!((received?, bytes.as_slice()), ((datagram.len(), one.local_addr()?), datagram));
        }
        Ok(())
    });
}

#[test]
fn a_connected_udp_socket_sends_and_receives_without_addresses() {
    run(async {
        let (one, other) = (UdpSocket::bind("[::1]:0").await?, UdpSocket::bind("[::1]:0").await?);
        one.connect(other.local_addr()?).await?;
        other.connect(one.local_addr()?).await?;
        assert_eq!(one.peer_addr()?, other.local_addr()?);
        one.send(b"hello".to_vec()).await.0?;
        let (count, bytes) = other.peek(Vec::with_capacity(16)).await;
        assert_eq!((count?, bytes), (5, b"hello".to_vec()));
        let (count, bytes) = other.recv(Vec::with_capacity(16)).await;
        assert_eq!((count?, bytes), (5, b"hello".to_vec()));
        Ok(())
    });
}
