/** Packages of the web over SocketStream, unchanged: http, tls, http2, ws, undici. */
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import * as http from 'node:http';
import * as http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import * as tls from 'node:tls';
import type { buildConnector } from 'undici';
import WebSocket, { WebSocketServer } from 'ws';
import { ServerSocket, createConnection, type SocketStream } from '../../lib/index';
import { describeWith, testWith } from '../support/programs';

const MIB = 1 << 20;
const body = randomBytes(5 * MIB);
const hash = (data: Buffer): string => createHash('sha256').update(data).digest('hex');

/** Answers with what it was sent, or with the body. */
function echo(request: http.IncomingMessage, response: http.ServerResponse): void {
  const parts: Buffer[] = [];
  request.on('data', (data: Buffer) => parts.push(data));
  request.on('end', () => {
    response.end(parts.length > 0 ? Buffer.concat(parts) : body);
  });
}

async function portOf(server: http.Server | tls.Server | http2.Http2SecureServer): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function all(stream: AsyncIterable<unknown>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

const dial = (port: number): SocketStream => createConnection({ host: '127.0.0.1', port });

describe('http', () => {
  test('an agent: 5 MiB each way, and one connection for all', async () => {
    const server = http.createServer(echo);
    const port = await portOf(server);
    let connections = 0;
    server.on('connection', () => connections++);
    class Agent extends http.Agent {
      override createConnection(): Duplex {
        return dial(port);
      }
    }
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ask = async (data?: Buffer): Promise<Buffer> => {
      const request = http.request({ agent, port, method: data ? 'POST' : 'GET' });
      request.end(data);
      const [response] = (await once(request, 'response')) as [http.IncomingMessage];
      return all(response);
    };
    expect(hash(await ask())).toBe(hash(body));
    expect(hash(await ask(body))).toBe(hash(body));
    expect(hash(await ask())).toBe(hash(body));
    expect(connections).toBe(1);
    agent.destroy();
    server.close();
  });

  test('a server over accepted streams, and the WebSocket upgrade on it', async () => {
    const server = new ServerSocket('127.0.0.1:0');
    const { port } = server.address().toJSON() as { port: number };
    const web = http.createServer(echo);
    const sockets = new WebSocketServer({ server: web });
    sockets.on('connection', (socket) => {
      socket.on('message', (data) => {
        socket.send(data as Buffer);
      });
    });
    server.listenAsync((connection) => web.emit('connection', connection.toStream()));
    const response = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body });
    expect(hash(Buffer.from(await response.arrayBuffer()))).toBe(hash(body));
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
    await once(socket, 'open');
    socket.send(body);
    const [data] = (await once(socket, 'message')) as [Buffer];
    expect(hash(data)).toBe(hash(body));
    socket.close();
    await once(socket, 'close');
    sockets.close();
    server.close();
  });

  testWith('curl')('curl (needs it) asks a server over accepted streams', async () => {
    const server = new ServerSocket('127.0.0.1:0');
    const { port } = server.address().toJSON() as { port: number };
    const web = http.createServer(echo);
    server.listenAsync((connection) => web.emit('connection', connection.toStream()));
    const { spawn } = await import('node:child_process');
    const child = spawn('curl', ['-s', `http://127.0.0.1:${port}/`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    expect(hash(await all(child.stdout))).toBe(hash(body));
    server.close();
  });
});

test('ws as a client', async () => {
  const server = http.createServer();
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => {
    socket.on('message', (data) => {
      socket.send(data as Buffer);
    });
  });
  const port = await portOf(server);
  const createStream = (() => dial(port)) as unknown as typeof import('node:net').createConnection;
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`, { createConnection: createStream });
  await once(socket, 'open');
  socket.send(body);
  const [data] = (await once(socket, 'message')) as [Buffer];
  expect(hash(data)).toBe(hash(body));
  socket.close();
  await once(socket, 'close');
  sockets.close();
  server.close();
});

(typeof File === 'undefined' ? test.skip : test)('undici (needs Node 20)', async () => {
  const { Client } = await import('undici');
  const server = http.createServer(echo);
  const port = await portOf(server);
  const connect: buildConnector.connector = (_, callback) => {
    const stream = dial(port);
    stream.once('error', (error) => {
      callback(error, null);
    });
    stream.once('connect', () => {
      callback(null, stream as unknown as import('node:net').Socket);
    });
  };
  const client = new Client(`http://127.0.0.1:${port}`, { connect });
  for (const data of [undefined, body]) {
    const method = data === undefined ? 'GET' : 'POST';
    const response = await client.request({ path: '/', method, body: data ?? null });
    expect(hash(Buffer.from(await response.body.arrayBuffer()))).toBe(hash(body));
  }
  await client.close();
  server.close();
});

describeWith('openssl')('tls (needs openssl for a certificate)', () => {
  let key: Buffer;
  let cert: Buffer;
  beforeAll(() => {
    const folder = mkdtempSync(join(tmpdir(), 'bsd-sockets-tls-'));
    const args = 'req -x509 -newkey rsa:2048 -nodes -subj /CN=test -days 2 -keyout key -out cert';
    execFileSync('openssl', args.split(' '), { cwd: folder, stdio: 'ignore' });
    key = readFileSync(join(folder, 'key'));
    cert = readFileSync(join(folder, 'cert'));
    rmSync(folder, { recursive: true });
  });

  test('tls.connect over a stream', async () => {
    const server = tls.createServer({ key, cert }, (socket) => {
      socket.pipe(socket);
    });
    const port = await portOf(server);
    const socket = tls.connect({ socket: dial(port), ca: cert, servername: 'test' });
    await once(socket, 'secureConnect');
    expect(socket.authorized).toBe(true);
    socket.end(body);
    expect(hash(await all(socket))).toBe(hash(body));
    server.close();
  });

  test('http2 over a stream', async () => {
    const server = http2.createSecureServer({ key, cert });
    server.on('stream', (stream) => {
      stream.end(body);
    });
    const port = await portOf(server);
    const session = http2.connect(`https://test:${port}`, {
      createConnection: () =>
        tls.connect({ socket: dial(port), ca: cert, servername: 'test', ALPNProtocols: ['h2'] }),
    });
    for (const path of ['/one', '/two']) {
      expect(hash(await all(session.request({ ':path': path })))).toBe(hash(body));
    }
    session.close();
    await once(session, 'close');
    server.close();
  });
});
