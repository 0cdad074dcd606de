import { Readable } from 'node:stream';
import { StreamableFile } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { toCsv } from '../people/csv.js';

/** Whoever asks for CSV in Accept gets it. */
export const wantsCsv = (accept: string | undefined): boolean => /\btext\/csv\b/i.test(accept ?? '');

/** A client that takes nothing for so long has gone, whatever its connection says. */
const STALLED_MS = 60_000;
type Lines = AsyncIterable<readonly string[]> | Iterable<readonly string[]>;

/** Lines that are written at once. */
const PIECE = 500;

/**
 * Lines of CSV that are made while they are taken. What fails before the first piece is answered as any error; after that the connection
 * is broken, because a list that ends well must be complete. Throws what the first piece throws.
 */
export async function toCsvFile(
  reply: FastifyReply,
  name: string,
  header: readonly string[],
  lines: Lines,
  failed: (error: unknown) => void,
): Promise<StreamableFile> {
  const pieces = piecesOf(header, lines);
  const first = await pieces.next();
  const text = Readable.from(following(first, pieces), { objectMode: false });
  reply.raw.setTimeout(STALLED_MS, () => text.destroy(new Error('The client takes nothing any more')));
  const file = new StreamableFile(text, { type: CSV_TYPE, disposition: dispositionOf(name) });
  return file.setErrorHandler((error) => {
    failed(error);
    reply.raw.destroy(error);
  });
}

export const CSV_TYPE = 'text/csv; charset=utf-8';
export const dispositionOf = (name: string): string => `attachment; filename="${name}.csv"`;

async function* piecesOf(header: readonly string[], lines: Lines): AsyncGenerator<string> {
  let piece: (readonly string[])[] = [header];
  for await (const line of lines) {
    piece.push(line);
    if (piece.length < PIECE) continue;
    yield toCsv(piece);
    piece = [];
  }
  if (piece.length > 0) yield toCsv(piece);
}

async function* following(first: IteratorResult<string>, rest: AsyncGenerator<string>): AsyncGenerator<string> {
  try {
    if (first.done) return;
    yield first.value;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}
