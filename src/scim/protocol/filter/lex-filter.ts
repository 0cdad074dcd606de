/**
 * The words of a filter, read once from left to right. scim2-parse-filter gets to see none of the client's text: its own lexer takes
 * exponential time on an unclosed string, leaves JSON escapes in values, and refuses `$ref` and most negative numbers. So every path
 * becomes `p0`, `p1`, ... and every value `"0"`, `"1"`, ..., and what remains is the grammar of and, or, not and brackets.
 */
import { parseAttributePath } from './attribute-path.js';
import type { AttributePath, FilterValue } from './filter.js';
import { LIMITS, nameOfLimit } from '../limits.js';
import { isPlainText } from '../plain-text.js';
import { invalidFilter } from '../scim-error.js';

export interface LexedFilter {
  /** The filter with placeholders; well-formed as far as the order of words and the brackets go. */
  readonly skeleton: string;
  readonly paths: readonly AttributePath[];
  readonly values: readonly FilterValue[];
  /** What of it the grammar of RFC 7644 does not have. */
  readonly liberties: ReadonlySet<FilterLiberty>;
}

/** A sub-attribute behind brackets, a word as value, `not` without parentheses. */
export type FilterLiberty = 'suffix' | 'unquoted' | 'not';

/** One alternative per kind, none of which can match in two ways: the time is linear. `s`: an escaped newline is one escape. */
const TOKEN = /\s*(?:("(?:[^"\\]|\\.)*")|([()[\]])|([^\s"()[\]]+))/sy;
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/;
const COMPARE = /^(?:eq|ne|co|sw|ew|gt|ge|lt|le)$/i;
const LITERALS = new Map<string, FilterValue>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

/** What may come next: a term, an operator, a value, or something that joins or ends terms. */
type Expected = 'an attribute' | 'an operator' | 'a value' | '"and", "or" or the end';

class Lexer {
  private readonly paths: AttributePath[] = [];
  private readonly values: FilterValue[] = [];
  private readonly out: string[] = [];
  private readonly open: ('(' | '[')[] = [];
  private readonly liberties = new Set<FilterLiberty>();
  private expected: Expected = 'an attribute';
  private nots = 0;

  constructor(
    private readonly text: string,
    private readonly tolerant: boolean,
  ) {}

  lex(): LexedFilter {
    if (this.text.length > LIMITS.filterLength)
      throw invalidFilter(`The filter is too long ${nameOfLimit('filterLength')}.`);
    const end = this.text.trimEnd().length;
    let position = 0;
    while (position < end) {
      TOKEN.lastIndex = position;
      const match = TOKEN.exec(this.text);
      // Only a quotation mark that nothing closes fits no alternative.
      if (!match) throw this.wrong(this.text.slice(position).trimStart());
      position = TOKEN.lastIndex;
      const [, string, bracket, word = ''] = match;
      if (string !== undefined) this.string(string);
      else if (bracket !== undefined) this.bracket(bracket);
      else this.word(word);
    }
    if (this.expected !== '"and", "or" or the end' || this.open.length > 0) throw this.wrong(undefined);
    const { paths, values, liberties } = this;
    return { skeleton: this.out.join(' '), paths, values, liberties };
  }

  private string(token: string): void {
    if (this.expected !== 'a value') throw this.wrong(token);
    this.value(parseString(token));
  }

  private bracket(token: string): void {
    if (token === '(' && this.expected === 'an attribute') return this.opens('(');
    if (token === '[' && this.expected === 'an operator') return this.opens('[');
    const partner = token === ')' ? '(' : '[';
    if (this.expected !== '"and", "or" or the end' || '(['.includes(token) || this.open.pop() !== partner) {
      throw this.wrong(token);
    }
    this.out.push(token);
  }

  private opens(bracket: '(' | '['): void {
    this.open.push(bracket);
    this.checkDepth();
    this.out.push(bracket);
    this.expected = 'an attribute';
  }

  private word(token: string): void {
    if (this.expected === 'an attribute') return this.pathOrNot(token);
    if (this.expected === 'an operator') return this.operator(token);
    if (this.expected === 'a value') return this.value(this.literal(token));
    const isSuffix = token.startsWith('.') && this.out.at(-1) === ']';
    if (isSuffix) return this.suffix(token.slice(1));
    if (!/^(?:and|or)$/i.test(token)) throw this.wrong(token);
    this.out.push(token.toLowerCase());
    this.expected = 'an attribute';
  }

  private pathOrNot(token: string): void {
    if (token.toLowerCase() !== 'not') return this.path(token, '');
    this.nots += 1;
    this.checkDepth();
    this.out.push('not');
  }

  /** The sub-attribute after a value path, `emails[type eq "work"].value`, which RFC 7644 has in PATCH paths only and Entra also here. */
  private suffix(token: string): void {
    this.out.pop();
    this.liberties.add('suffix');
    this.path(token, '].');
  }

  private path(token: string, prefix: string): void {
    const path = parseAttributePath(token);
    if (!path) throw this.wrong(token);
    if (this.out.at(-1) === 'not') this.liberties.add('not');
    if (this.paths.length === LIMITS.filterTerms)
      throw invalidFilter(`The filter names too many attributes ${nameOfLimit('filterTerms')}.`);
    this.out.push(`${prefix}p${this.paths.length}`);
    this.paths.push(path);
    this.expected = 'an operator';
  }

  private operator(token: string): void {
    const isPresence = /^pr$/i.test(token);
    if (!isPresence && !COMPARE.test(token)) throw invalidFilter(`${excerpt(token)} is not an operator.`);
    this.out.push(token.toLowerCase());
    if (isPresence) this.ends();
    else this.expected = 'a value';
  }

  private literal(token: string): FilterValue {
    const literal = LITERALS.get(token);
    if (literal !== undefined) return literal;
    if (NUMBER.test(token)) {
      const number = Number(token);
      if (!Number.isFinite(number)) throw invalidFilter(`${excerpt(token)} is too large a number.`);
      return number;
    }
    if (!this.tolerant) throw invalidFilter(`${excerpt(token)} is no value; strings stand in quotation marks.`);
    this.liberties.add('unquoted');
    return /^'.*'$/.test(token) && token.length > 1 ? token.slice(1, -1) : token;
  }

  private value(value: FilterValue): void {
    this.out.push(`"${this.values.length}"`);
    this.values.push(value);
    this.ends();
  }

  private ends(): void {
    this.nots = 0;
    this.expected = '"and", "or" or the end';
  }

  private checkDepth(): void {
    if (this.open.length + this.nots > LIMITS.filterDepth) {
      throw invalidFilter(`The filter is nested too deep ${nameOfLimit('filterDepth')}.`);
    }
  }

  private wrong(token: string | undefined) {
    const found = token === undefined ? 'the filter ends' : `there is ${excerpt(token)}`;
    const missing = this.open.at(-1) === '(' ? ' or ")"' : this.open.at(-1) === '[' ? ' or "]"' : '';
    const closing = this.expected === '"and", "or" or the end' ? missing : '';
    return invalidFilter(`The filter needs ${this.expected}${closing} where ${found}.`);
  }
}

function parseString(token: string): string {
  try {
    const value = JSON.parse(token) as string;
    if (isPlainText(value)) return value;
  } catch {
    // Told below.
  }
  throw invalidFilter(`${excerpt(token)} is not a JSON string of text.`);
}

const excerpt = (token: string): string => (token.length > 40 ? `${token.slice(0, 40)}...` : token);

/** Throws invalidFilter when the text is too long, too deep, too many terms, or its words are in an impossible order. */
export const lexFilter = (text: string, tolerant: boolean): LexedFilter => new Lexer(text, tolerant).lex();
