//! A fleet over real sockets against a CoAP endpoint that agrees to everything.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use coap::{Code, Config, Endpoint, Event, Response};
use simulator::FleetOptions;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::{mpsc, oneshot};

/// Answers until so many DELETEs came; returns the endpoint names that registered.
async fn serve(socket: UdpSocket, devices: usize, all_here: oneshot::Sender<()>) -> BTreeSet<String> {
    let mut endpoint: Endpoint<SocketAddr> = Endpoint::new(Config::default(), [3; 32]);
    let mut names = BTreeSet::new();
    let mut all_here = Some(all_here);
    let mut gone = 0;
    let mut buffer = vec![0; 2048];
    while gone < devices {
        let (length, from) = socket.recv_from(&mut buffer).await.unwrap();
        endpoint.handle_datagram(Instant::now(), from, &buffer[..length]);
        while let Some(event) = endpoint.poll_event() {
            let Event::Request { id, request, .. } = event else {
                continue;
            };
            let response = if request.code == Code::DELETE {
                gone += 1;
                Response::new(Code::DELETED)
            } else {
                let name = request.queries().find_map(|query| query.strip_prefix("ep="));
                names.extend(name.map(String::from));
                Response::new(Code::CREATED).with_location("/rd/1")
            };
            endpoint.respond(Instant::now(), id, response);
        }
        while let Some(transmit) = endpoint.poll_transmit() {
            socket.send_to(&transmit.datagram, transmit.peer).await.unwrap();
        }
        if names.len() == devices
            && let Some(all_here) = all_here.take()
        {
            all_here.send(()).unwrap();
        }
    }
    names
}

#[tokio::test]
async fn devices_register_and_take_their_leave() {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let server = format!("coap://{}", socket.local_addr().unwrap());
    let (all_here, arrival) = oneshot::channel();
    let serving = tokio::spawn(serve(socket, 20, all_here));
    let shutdown = async {
        arrival.await.unwrap();
    };
    let fleet = simulator::run(FleetOptions::new(server, 20), shutdown);
    tokio::time::timeout(Duration::from_secs(30), fleet)
        .await
        .expect("the fleet ends")
        .unwrap();
    let names = tokio::time::timeout(Duration::from_secs(5), serving)
        .await
        .expect("all have left");
    assert_eq!(names.unwrap().len(), 20);
}

/// Answers on connections until so many DELETEs came; returns the endpoint names that registered, and the bindings.
async fn serve_streams(
    listener: TcpListener,
    devices: usize,
    all_here: oneshot::Sender<()>,
) -> BTreeSet<String> {
    let names = Arc::new(Mutex::new(BTreeSet::new()));
    let mut all_here = Some(all_here);
    let (said, mut heard) = mpsc::channel(16);
    let mut gone = 0;
    while gone < devices {
        tokio::select! {
            accepted = listener.accept() => {
                let (stream, from) = accepted.unwrap();
                tokio::spawn(serve_stream(stream, from, names.clone(), said.clone()));
            },
            code = heard.recv() => {
                gone += usize::from(code == Some(Code::DELETE));
                if names.lock().unwrap().len() == devices && let Some(all_here) = all_here.take() {
                    all_here.send(()).unwrap();
                }
            },
        }
    }
    names.lock().unwrap().clone()
}

async fn serve_stream(
    mut stream: TcpStream,
    from: SocketAddr,
    names: Arc<Mutex<BTreeSet<String>>>,
    said: mpsc::Sender<Code>,
) {
    let mut endpoint: Endpoint<SocketAddr> = Endpoint::new(Config::default(), [3; 32]);
    endpoint.connected(Instant::now(), from);
    let mut buffer = vec![0; 2048];
    loop {
        while let Some(transmit) = endpoint.poll_transmit() {
            stream.write_all(&transmit.datagram).await.unwrap();
        }
        let length = stream.read(&mut buffer).await.unwrap_or(0);
        if length == 0 {
            return;
        }
        endpoint.handle_stream(Instant::now(), from, &buffer[..length]);
        while let Some(event) = endpoint.poll_event() {
            let Event::Request { id, request, .. } = event else {
                continue;
            };
            let name = request.queries().find_map(|query| query.strip_prefix("ep="));
            names.lock().unwrap().extend(name.map(String::from));
            let response = match request.code {
                Code::DELETE => Response::new(Code::DELETED),
                _ => Response::new(Code::CREATED).with_location("/rd/1"),
            };
            endpoint.respond(Instant::now(), id, response);
            said.send(request.code).await.unwrap();
        }
    }
}

#[tokio::test]
async fn devices_register_and_take_their_leave_over_tcp() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = format!("coap+tcp://{}", listener.local_addr().unwrap());
    let (all_here, arrival) = oneshot::channel();
    let serving = tokio::spawn(serve_streams(listener, 20, all_here));
    let shutdown = async {
        arrival.await.unwrap();
    };
    let fleet = simulator::run(FleetOptions::new(server, 20), shutdown);
    tokio::time::timeout(Duration::from_secs(30), fleet)
        .await
        .expect("the fleet ends")
        .unwrap();
    let names = tokio::time::timeout(Duration::from_secs(5), serving)
        .await
        .expect("all have left");
    assert_eq!(names.unwrap().len(), 20);
}
