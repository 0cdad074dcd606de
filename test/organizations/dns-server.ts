import { createSocket } from 'node:dgram';

/** A name server on the loopback that knows the TXT records it was given; every other name does not exist. */
export interface DnsServer {
  readonly address: string;
  readonly records: Map<string, readonly string[]>;
  close(): Promise<void>;
}

export async function startDnsServer(): Promise<DnsServer> {
  const records = new Map<string, readonly string[]>();
  const socket = createSocket('udp4');
  socket.on('message', (query, from) => {
    const texts = records.get(nameIn(query));
    socket.send(answer(query, texts), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  return {
    address: `127.0.0.1:${port}`,
    records,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

/** RFC 1035 section 4.1.2: the name of the question, after the header of 12 bytes, as labels with their lengths. */
function nameIn(query: Buffer): string {
  const labels: string[] = [];
  let at = 12;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString('ascii', at + 1, at + 1 + length));
    at += length + 1;
  }
  return labels.join('.').toLowerCase();
}

function answer(query: Buffer, texts: readonly string[] | undefined): Buffer {
  const questionEnd = query.indexOf(0, 12) + 5;
  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 2);
  // Response, recursion desired and available; code 3 is "name does not exist" (RFC 1035 section 4.1.1).
  header.writeUInt16BE(texts === undefined ? 0x8183 : 0x8180, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(texts?.length ?? 0, 6);
  return Buffer.concat([header, query.subarray(12, questionEnd), ...(texts ?? []).map(txtRecord)]);
}

/** Section 3.3.14: one or more character strings, each with its length; long texts are split. */
function txtRecord(text: string): Buffer {
  const parts = text.match(/.{1,20}/gs) ?? [''];
  const data = Buffer.concat(parts.map((part) => Buffer.concat([Buffer.from([part.length]), Buffer.from(part)])));
  // Name (a pointer to the question), type TXT, class IN, a minute of life, length.
  const head = Buffer.from([0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60, 0, 0]);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}
