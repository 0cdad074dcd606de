import { createSocket } from 'node:dgram';
import { isIP } from 'node:net';

/** A name server on the loopback that knows the TXT records and addresses it was given; every other name does not exist. */
export interface DnsServer {
  readonly address: string;
  readonly records: Map<string, readonly string[]>;
  /** Name -> what each question for its addresses (A or AAAA) is answered in turn; the last answer stays. */
  readonly addresses: Map<string, (readonly string[])[]>;
  /** Questions that came, as `A idp.example`. */
  readonly questions: string[];
  close(): Promise<void>;
}

const TYPES: Readonly<Record<number, string>> = { 1: 'A', 16: 'TXT', 28: 'AAAA' };

export async function startDnsServer(): Promise<DnsServer> {
  const records = new Map<string, readonly string[]>();
  const addresses = new Map<string, (readonly string[])[]>();
  const questions: string[] = [];
  const turns = new Map<string, number>();
  const socket = createSocket('udp4');
  socket.on('message', (query, from) => {
    const { name, end } = nameIn(query);
    const type = TYPES[query.readUInt16BE(end)] ?? '';
    questions.push(`${type} ${name}`);
    const turn = turns.get(`${type} ${name}`) ?? 0;
    turns.set(`${type} ${name}`, turn + 1);
    const current = addresses.get(name);
    const found = current && current[Math.min(turn, current.length - 1)]!;
    const family = type === 'A' ? 4 : 6;
    const answers =
      type === 'TXT'
        ? records.get(name)?.map(txtRecord)
        : found?.filter((address) => isIP(address) === family).map(addressRecord);
    socket.send(answer(query, end, answers), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  return {
    address: `127.0.0.1:${port}`,
    records,
    addresses,
    questions,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

/** RFC 1035 section 4.1.2: the name of the question, after the header of 12 bytes, as labels with their lengths; its type follows. */
function nameIn(query: Buffer): { name: string; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString('ascii', at + 1, at + 1 + length));
    at += length + 1;
  }
  return { name: labels.join('.').toLowerCase(), end: at + 1 };
}

function answer(query: Buffer, nameEnd: number, answers: readonly Buffer[] | undefined): Buffer {
  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 2);
  // Response, recursion desired and available; code 3 is "name does not exist" (RFC 1035 section 4.1.1).
  header.writeUInt16BE(answers === undefined ? 0x8183 : 0x8180, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(answers?.length ?? 0, 6);
  return Buffer.concat([header, query.subarray(12, nameEnd + 4), ...(answers ?? [])]);
}

/** Name (a pointer to the question), type, class IN, seconds of life, length and data (section 4.1.3). */
function record(type: number, seconds: number, data: Buffer): Buffer {
  const head = Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, seconds, 0, 0]);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

/** Section 3.3.14: one or more character strings, each with its length; long texts are split. */
function txtRecord(text: string): Buffer {
  const parts = text.match(/.{1,20}/gs) ?? [''];
  return record(
    16,
    60,
    Buffer.concat(parts.map((part) => Buffer.concat([Buffer.from([part.length]), Buffer.from(part)]))),
  );
}

function addressRecord(address: string): Buffer {
  if (isIP(address) === 4) return record(1, 0, Buffer.from(address.split('.').map(Number)));
  const [left = '', right = ''] = address.split('::');
  const groups = (half: string) => half.split(':').flatMap((group) => (group === '' ? [] : [parseInt(group, 16)]));
  const [head, tail] = [groups(left), groups(right)];
  const whole = [...head, ...Array<number>(8 - head.length - tail.length).fill(0), ...tail];
  return record(28, 0, Buffer.from(whole.flatMap((group) => [group >> 8, group & 255])));
}
