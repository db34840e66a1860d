//! Sockets.
use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream, UdpSocket};

fn main() -> std::io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let mut client = TcpStream::connect(listener.local_addr()?)?;
    let (mut server, address) = listener.accept()?;
    println!("{}", address == client.local_addr()?);
    client.write_all(b"ping")?;
    client.shutdown(Shutdown::Write)?;
    let mut text = String::new();
    server.read_to_string(&mut text)?;
    server.write_all(b"pong")?;
    drop(server);
    client.read_to_string(&mut text)?;
    println!("{text} {:?}", client.nodelay()?);

    let (one, other) = (UdpSocket::bind("127.0.0.1:0")?, UdpSocket::bind("127.0.0.1:0")?);
    println!("{}", one.send_to(b"datagram", other.local_addr()?)?);
    let mut bytes = [0; 16];
    let (count, from) = other.recv_from(&mut bytes)?;
    println!("{:?} {}", &bytes[..count], from == one.local_addr()?);

    let closed: SocketAddr = { TcpListener::bind("127.0.0.1:0")?.local_addr()? };
    println!("{:?}", TcpStream::connect(closed).map(drop));
    Ok(())
}
