import { newReadableCode, readReadableCode } from './readable-code.js';

const LENGTH = 10;

/** A code a person can read out on the phone (50 random bits), such as `7KQ2-M9XD-4H`. */
export const newIncidentCode = (): string => newReadableCode(LENGTH);

/** The code as it was shown, however it was typed; undefined: none. */
export const readIncidentCode = (text: string): string | undefined => readReadableCode(text, LENGTH);
