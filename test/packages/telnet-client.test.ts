/** telnet-client over SocketStream, against a real telnetd, which has our accepted connection. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { Telnet } from 'telnet-client';
import { ServerSocket, createConnection, type SocketStream } from '../../lib/index';

const telnetd = '/usr/sbin/telnetd';
const version = spawnSync(telnetd, ['--version'], { encoding: 'utf8' });
const hasTelnetd = version.status === 0 && version.stdout.includes('inetutils');

const prompt = /[#$] $/;

(hasTelnetd ? describe : describe.skip)('telnet-client (needs inetutils-telnetd)', () => {
  let daemon: ChildProcess;
  let stream: SocketStream;
  let client: Telnet;

  beforeAll(async () => {
    const server = new ServerSocket('127.0.0.1:0');
    // A name takes its time: the client listens for data long before there is a connection.
    stream = createConnection({ host: 'localhost', port: server.address().port() });
    client = new Telnet();
    await client.connect({
      sock: stream as unknown as Socket,
      negotiationMandatory: false,
      shellPrompt: prompt,
      execTimeout: 10_000,
    });
    const connection = await server.acceptConnectionAsync();
    const fd = connection.sockfd();
    daemon = spawn(telnetd, ['-h', '-E', '/bin/sh'], { stdio: [fd, fd, 'inherit'] });
    connection.close();
    server.close();
    let text = '';
    while (!prompt.test(text)) {
      const data = await client.nextData();
      if (data === null) throw new Error(`the end, after ${text}`);
      text += data;
    }
  });
  afterAll(async () => {
    const exit = once(daemon, 'exit');
    await client.destroy();
    await exit;
  });

  test('a command and its 280 kB', async () => {
    const numbers = Array.from({ length: 50_000 }, (_, i) => `${i + 1}\n`);
    const answer = await client.exec('seq 50000');
    // A CR at the end of what telnetd read from its terminal goes out as CR NUL.
    expect(answer.replaceAll('\r\0', '')).toBe(numbers.join(''));
  });

  test("Abort Output: telnetd's urgent byte, and the mark", async () => {
    const urgent = once(stream, 'urgent');
    const mark = once(stream, 'mark');
    const [IAC, AO] = [255, 245];
    stream.write(Uint8Array.of(IAC, AO));
    expect(await urgent).toEqual([IAC]);
    await mark;
  });
});
