/**
 * A program that the test starts with shim.c before the C library: every operation and flow, with as
 * many seeds as the first argument says, and faults while it acts. It tells what was wrong, and how
 * many faults of each kind there were. `planted` as the second makes mistakes of its own.
 */
import { constants } from '../../lib/index';
import { flows, planted } from './flows';
import { SENT, openSockets, operations, outcomeOf, shown, type Operation } from './operations';

const [seeds = '1', what, library = ''] = process.argv.slice(2);

interface Shim {
  begin: (seed: number) => void;
  end: () => void;
  tell: (text: Buffer, size: number) => void;
}

async function loadShim(): Promise<Shim> {
  const { default: koffi } = await import('koffi');
  const shim = koffi.load(library);
  return {
    begin: shim.func('void begin_faults(uint32_t seed)'),
    end: shim.func('void end_faults()'),
    tell: shim.func('void tell_faults(_Out_ char *text, size_t size)'),
  };
}

const ACCEPTS = ['ECONNABORTED', 'EMFILE', 'EPROTO'];
const SIGNAL = 'EINTR';

/** What gives a count that may be less than all, beside what is nonblocking. */
const MAY_BE_PART =
  /^(receiveBytes|readToMark|raw\.(send|recv)|sendMessage\(\{ control|DatagramSocket sendBatch)/;

/** The errors that an operation hands on to the caller. */
function errorsOf({ name, form }: Operation): string[] {
  if (form === 'raw') return name.startsWith('raw.accept') ? [...ACCEPTS, SIGNAL] : [SIGNAL];
  if (/accept/i.test(name)) return ACCEPTS;
  return name.startsWith('DatagramSocket') ? ['ENOBUFS'] : [];
}

/** A part of what there is without faults, at least one byte or message. */
function isPart(outcome: unknown, usual: unknown): boolean {
  if (Array.isArray(outcome) && Array.isArray(usual)) {
    return outcome.every((one, i) => isPart(one, usual[i]));
  }
  return typeof outcome === 'number' && outcome >= 1 && outcome <= Number(usual);
}

/** Whether the documentation has this outcome of the operation for a fault of the shim's. */
function isDocumented(operation: Operation, outcome: unknown, usual: unknown): boolean {
  const { name, form } = operation;
  if (shown(outcome) === shown(usual)) return true;
  const errors = errorsOf(operation);
  if (outcome instanceof Error) return errors.includes(String((outcome as { code?: string }).code));
  const codes = errors.map((error) => -Number(constants[error as keyof typeof constants]));
  if (form === 'raw' && codes.includes(outcome as number)) return true;
  // Nobody is there, or somebody might be: the kernel's word is handed on.
  if (name === 'acceptConnection()') return form === 'nonblocking' && outcome === null;
  if (name === 'poll(timeout, mode)') return outcome === true;
  if (name === 'raw.poll') return outcome === 1 || outcome === codes[0];
  const isCompleted = form === 'async' && name.includes('MSG_WAITALL');
  return (
    (form === 'nonblocking' || MAY_BE_PART.test(name)) && !isCompleted && isPart(outcome, usual)
  );
}

const NO_FAULTS = 0;

type Check = (outcome: unknown) => boolean;

/** What is wrong with the operation under the faults of `seed`. */
async function run(
  shim: Shim,
  operation: Operation,
  seed: number,
  isRight: Check,
): Promise<{ outcome: unknown; wrong: string[] }> {
  process.stderr.write(`${operation.form}: ${operation.name}, seed ${seed}\n`);
  const before = openSockets();
  const scene = operation.scene();
  if (seed !== NO_FAULTS) shim.begin(seed);
  const outcome = await outcomeOf(scene.act);
  shim.end();
  const wrong: string[] = [];
  if (!isRight(outcome)) wrong.push(`gave ${String(shown(outcome))}`);
  if (scene.finish && scene.finish(outcome) !== SENT) wrong.push('bytes are lost or doubled');
  for (const socket of scene.sockets) socket.close();
  const left = openSockets().filter((socket) => !before.includes(socket));
  if (left.length > 0) wrong.push(`left open: ${left.join(' ')}`);
  return { outcome, wrong };
}

async function main(): Promise<void> {
  const shim = await loadShim();
  const found: string[] = [];
  let runs = 0;
  const attempt = async (operation: Operation, seed: number, isRight: Check): Promise<unknown> => {
    const { outcome, wrong } = await run(shim, operation, seed, isRight);
    const report = `${operation.form}: ${operation.name}, seed ${seed}: ${wrong.join('; ')}`;
    if (wrong.length > 0) found.push(report);
    return outcome;
  };
  const tryAll = async (operation: Operation, isRight: Check): Promise<void> => {
    for (let seed = 1; seed <= Number(seeds); seed++, runs++) {
      await attempt(operation, seed, isRight);
    }
  };
  for (const flow of what === 'planted' ? planted : flows) {
    await tryAll(flow, (outcome) => shown(outcome) === shown(flow.gives));
  }
  for (const operation of what === 'planted' ? [] : operations) {
    const usual = await attempt(operation, NO_FAULTS, (outcome) => !(outcome instanceof Error));
    await tryAll(operation, (outcome) => isDocumented(operation, outcome, usual));
  }
  const text = Buffer.alloc(4096);
  shim.tell(text, text.length);
  const lines = text.toString('latin1', 0, text.indexOf(0)).trim().split('\n');
  const kinds = Object.fromEntries(lines.map((line) => line.split('\t') as [string, string]));
  process.stdout.write(JSON.stringify({ runs, found, kinds }));
}

void main();
