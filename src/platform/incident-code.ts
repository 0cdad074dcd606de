import { newReadableCode } from './readable-code.js';

/** A code a person can read out on the phone (50 random bits), such as `7KQ2-M9XD-4H`. */
export const newIncidentCode = (): string => newReadableCode(10);
