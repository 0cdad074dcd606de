import { randomInt } from 'node:crypto';

/** Codes for people, who read them out on the phone or type them from paper: groups of four, without letters that look alike. */

/** Five bits a letter. */
const ALPHABET = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';

export function newReadableCode(length: number): string {
  return grouped(Array.from({ length }, () => ALPHABET[randomInt(ALPHABET.length)]).join(''));
}

/** A code as it was made, however it was typed; undefined when it can be none of this length. */
export function readReadableCode(text: string, length: number): string | undefined {
  const letters = text.toUpperCase().replace(/[\s-]/g, '');
  return letters.length === length && [...letters].every((letter) => ALPHABET.includes(letter))
    ? grouped(letters)
    : undefined;
}

const grouped = (letters: string): string => letters.match(/.{1,4}/g)!.join('-');
