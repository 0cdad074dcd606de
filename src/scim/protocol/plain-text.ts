/** NUL and halves of surrogate pairs are legal in JSON strings, but no text: PostgreSQL refuses both. */
const NO_TEXT = /[\0\p{Cs}]/u;

export const isPlainText = (text: string): boolean => !NO_TEXT.test(text);
