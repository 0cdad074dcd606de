import { asText } from '../as-text.js';
import type { Answer } from '../http/transport.js';

/** What a server refused although the client had to be able to do it. */
export interface Problem {
  readonly doing: string;
  readonly subject: string;
  readonly status: number;
  readonly detail: string;
}

const MOST = 100;

export class Problems {
  readonly first: Problem[] = [];
  count = 0;
  /** Accounts that met another one of their name: told to an administrator, not tried again. */
  conflicts = 0;

  note(doing: string, subject: string, answer: Pick<Answer, 'status' | 'json'>): void {
    this.count++;
    const { status, json } = answer;
    if (this.first.length < MOST) this.first.push({ doing, subject, status, detail: asText(json['detail']) });
  }
}
