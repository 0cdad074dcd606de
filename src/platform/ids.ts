import { v7 } from 'uuid';

/** A new id: UUID version 7 (RFC 9562 section 5.7), so that ids of one table are close together in its indexes. */
export const newId = (): string => v7();

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Ids come from outside as any text; only a UUID may reach a uuid column, everything else is simply not found. */
export const isUuid = (text: unknown): text is string => typeof text === 'string' && UUID.test(text);
