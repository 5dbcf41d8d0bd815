/** `PollSet` on poll(2), as it is where the system has no epoll(7): the members, without those calls. */
import { join } from 'node:path';
import load = require('node-gyp-build');

// Taken away before the library looks for them. The addon is one object for all of the process, so
// they come back.
const addon = load(join(__dirname, '..')) as Record<string, unknown>;
const calls = ['epoll_create1', 'epoll_ctl', 'epoll_wait'].map(
  (name) => [name, addon[name]] as const,
);
for (const [name] of calls) Reflect.deleteProperty(addon, name);
afterAll(() => {
  Object.assign(addon, Object.fromEntries(calls));
});

test('epoll(7) is not there', () => {
  const raw = jest.requireActual<typeof import('../lib/raw')>('../lib/raw');
  expect(raw.epoll_create1).toBeUndefined();
});

jest.requireActual('./members/poll-set.test');
