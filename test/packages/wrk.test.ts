/** Node's http server over accepted streams, under the load of wrk. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as http from 'node:http';
import { ServerSocket } from '../../lib/index';
import { describeWith } from '../support/programs';

const large = Buffer.alloc(1 << 20, 'x');

describeWith('wrk')('http under load (needs wrk)', () => {
  let server: ServerSocket;
  let port: number;
  const web = http.createServer((request, response) => {
    response.end(request.url === '/large' ? large : 'hello');
  });
  const errors: Error[] = [];
  let connections = 0;

  beforeAll(() => {
    server = new ServerSocket('127.0.0.1:0');
    port = server.address().port();
    const listener = server.listenAsync((connection) => {
      connections++;
      web.emit('connection', connection.toStream());
    });
    listener.on('error', (error) => errors.push(error));
  });
  afterAll(() => {
    server.close();
  });

  /** What wrk says, with 16 connections for a second. */
  async function load(path: string, ...options: string[]): Promise<string> {
    const args = ['-d1', '-c16', '-t2', ...options, `http://127.0.0.1:${port}${path}`];
    const child = spawn('wrk', args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    const [status] = (await once(child, 'close')) as [number];
    expect(status).toBe(0);
    return output;
  }

  test.each([
    ['small answers', '/', []],
    ['answers of 1 MiB', '/large', []],
    ['a connection for each request', '/', ['-H', 'Connection: close']],
  ])('%s', async (_, path, options) => {
    connections = 0;
    const output = await load(path, ...options);
    // wrk has a line for errors of either kind, if there are any.
    expect(output).not.toMatch(/errors|Non-2xx/);
    const requests = Number(/(\d+) requests in/.exec(output)?.[1]);
    expect(requests).toBeGreaterThan(0);
    // Its 16, and one to look whether anybody is there.
    if (options.length === 0) expect(connections).toBe(17);
    else expect(connections).toBeGreaterThanOrEqual(requests);
    expect(errors).toEqual([]);
  });
});
