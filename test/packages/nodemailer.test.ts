/** nodemailer over SocketStream, against the SMTP server of Python. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { createTransport, type SendMailOptions } from 'nodemailer';
import type { SMTPTransportGetSocket } from 'nodemailer/lib/smtp-transport';
import { createConnection } from '../../lib/index';

const quiet = ['-W', 'ignore'];
const hasServer = spawnSync('python3', [...quiet, '-c', 'import smtpd']).status === 0;

/** Tells its port, then the hash of each mail's attachment. */
const program = `
import asyncore, hashlib, smtpd
from email import message_from_bytes, policy
class Server(smtpd.SMTPServer):
    def process_message(self, peer, sender, to, data, **others):
        [file] = message_from_bytes(data, policy=policy.default).iter_attachments()
        print(hashlib.sha256(file.get_content()).hexdigest(), flush=True)
server = Server(('127.0.0.1', 0), None)
print(server.socket.getsockname()[1], flush=True)
asyncore.loop()
`;

const hash = (data: Buffer): string => createHash('sha256').update(data).digest('hex');

function mail(content: Buffer): SendMailOptions {
  const attachments = [{ filename: 'data', content }];
  return { from: 'one@example.com', to: 'two@example.com', text: 'hello', attachments };
}

(hasServer ? describe : describe.skip)('nodemailer (needs python3 with smtpd)', () => {
  let server: ChildProcess;
  let lines: AsyncIterator<string>;
  let port: number;

  beforeAll(async () => {
    server = spawn('python3', [...quiet, '-c', program], { stdio: ['ignore', 'pipe', 'inherit'] });
    if (server.stdout === null) throw new Error('no output');
    lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
    port = Number((await lines.next()).value);
  });
  afterAll(async () => {
    const exit = once(server, 'exit');
    server.kill();
    await exit;
  });

  let connections = 0;
  const getSocket: SMTPTransportGetSocket = (_, callback) => {
    connections++;
    const stream = createConnection({ host: '127.0.0.1', port });
    stream.once('error', callback);
    stream.once('connect', () => {
      stream.removeListener('error', callback);
      callback(null, { connection: stream as unknown as Socket });
    });
  };

  test('an attachment of 1 MiB', async () => {
    const transport = createTransport({ getSocket });
    const data = randomBytes(1 << 20);
    const { accepted } = await transport.sendMail(mail(data));
    expect(accepted).toEqual(['two@example.com']);
    expect((await lines.next()).value).toBe(hash(data));
    transport.close();
  });

  test('a pool: 50 mails over one connection', async () => {
    connections = 0;
    const transport = createTransport({ pool: true, maxConnections: 1, getSocket });
    const data = Array.from({ length: 50 }, () => randomBytes(1000));
    await Promise.all(data.map((content) => transport.sendMail(mail(content))));
    for (const content of data) expect((await lines.next()).value).toBe(hash(content));
    expect(connections).toBe(1);
    transport.close();
  });
});
