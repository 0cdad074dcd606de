import { closeSync, openSync, readFileSync, readSync, writeFileSync, writeSync } from 'node:fs';
import { deserialize, serialize } from 'node:v8';
import type { Statement } from './recording.js';

/**
 * The statements of the requests of a load, by the requests' numbers: in a file, because those of a quarter million people do not fit
 * into memory. Beside it the texts, of which there are few, and where each request's are.
 */

interface Index {
  readonly texts: readonly string[];
  /** Of request n: byte n * 2 its first one, n * 2 + 1 how many. */
  readonly places: readonly number[];
}
type Said = readonly [text: number, name: string | undefined, values: readonly unknown[]];

const indexOf = (path: string): string => `${path}.index`;

export class LoadWriter {
  private readonly texts = new Map<string, number>();
  private readonly places: number[] = [];
  private readonly file: number;
  private length = 0;

  constructor(private readonly path: string) {
    this.file = openSync(path, 'w');
  }

  write(request: number, statements: readonly Statement[]): void {
    const said = statements.map(({ text, name, values }): Said => [this.numberOf(text), name, values]);
    const bytes = serialize(said);
    writeSync(this.file, bytes);
    this.places[request * 2] = this.length;
    this.places[request * 2 + 1] = bytes.length;
    this.length += bytes.length;
  }

  close(): void {
    closeSync(this.file);
    const index: Index = { texts: [...this.texts.keys()], places: this.places };
    writeFileSync(indexOf(this.path), serialize(index));
  }

  private numberOf(text: string): number {
    const known = this.texts.get(text);
    if (known !== undefined) return known;
    this.texts.set(text, this.texts.size);
    return this.texts.size - 1;
  }
}

export class LoadReader {
  private readonly index: Index;
  private readonly file: number;

  constructor(path: string) {
    this.index = deserialize(readFileSync(indexOf(path))) as Index;
    this.file = openSync(path, 'r');
  }

  read(request: number): Statement[] {
    const { texts, places } = this.index;
    const bytes = Buffer.allocUnsafe(places[request * 2 + 1]!);
    readSync(this.file, bytes, 0, bytes.length, places[request * 2]!);
    return (deserialize(bytes) as Said[]).map(([text, name, values]) => ({ text: texts[text]!, name, values }));
  }
}
