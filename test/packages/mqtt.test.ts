/** mqtt over SocketStream, against a real mosquitto on a Unix socket. */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { MqttClient } from 'mqtt';
import { createConnection } from '../../lib/index';
import { describeWith, find } from '../support/programs';

const mosquitto = find('mosquitto') ?? '';

const connected = (client: MqttClient): Promise<void> =>
  new Promise((resolve, reject) => {
    client.once('error', reject);
    client.once('connect', () => {
      client.removeListener('error', reject);
      resolve();
    });
  });

describeWith('mosquitto')('mqtt (needs mosquitto)', () => {
  let folder: string;
  let server: ChildProcess;
  let clients: MqttClient[];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bsd-sockets-mqtt-'));
    const path = join(folder, 'socket');
    const config = [
      `listener 0 ${path}`,
      'allow_anonymous true',
      'max_queued_messages 0',
      `user ${userInfo().username}`,
    ];
    writeFileSync(join(folder, 'config'), config.join('\n') + '\n');
    server = spawn(mosquitto, ['-c', join(folder, 'config')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    if (server.stderr === null) throw new Error('no output');
    for await (const line of createInterface({ input: server.stderr })) {
      if (/mosquitto version \S+ running/.test(line)) break;
    }
    const build = (): MqttClient =>
      new MqttClient(() => createConnection({ path }), { reconnectPeriod: 0 });
    clients = [build(), build()];
    await Promise.all(clients.map(connected));
  });
  afterAll(async () => {
    await Promise.all(clients.map((client) => client.endAsync(true)));
    const exit = once(server, 'exit');
    server.kill();
    await exit;
    rmSync(folder, { recursive: true });
  });

  test('1 MiB, published and received exactly once (QoS 2)', async () => {
    const [publisher, subscriber] = clients as [MqttClient, MqttClient];
    await subscriber.subscribeAsync('news', { qos: 2 });
    const messages: Buffer[] = [];
    const hasAll = new Promise<void>((resolve) => {
      subscriber.on('message', (_topic, message) => {
        if (messages.push(message) === 4) resolve();
      });
    });
    const sent = [1, 2, 3, 4].map(() => randomBytes(1 << 20));
    for (const data of sent) await publisher.publishAsync('news', data, { qos: 2 });
    await hasAll;
    expect(Buffer.concat(messages).equals(Buffer.concat(sent))).toBe(true);
  });

  test('1000 small messages both ways at once', async () => {
    await Promise.all(clients.map((client, i) => client.subscribeAsync(`to/${i}`, { qos: 2 })));
    const counts = clients.map(
      (client) =>
        new Promise<number>((resolve) => {
          let count = 0;
          client.on('message', (_topic, message) => {
            if (message.toString() === String(count)) count++;
            if (message.toString() === '999') resolve(count);
          });
        }),
    );
    for (let i = 0; i < 1000; i++) {
      clients[0]?.publish('to/1', String(i));
      clients[1]?.publish('to/0', String(i));
    }
    expect(await Promise.all(counts)).toEqual([1000, 1000]);
  });
});
