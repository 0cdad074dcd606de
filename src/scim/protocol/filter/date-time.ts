/** xsd:dateTime as clients write it, with any number of fractional digits and any offset (RFC 7643 section 2.3.5). */

const DATE_TIME = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,12}))?(Z|[+-](?:0\d|1[0-4]):[0-5]\d)?$/i;

/**
 * The instant as `YYYY-MM-DDThh:mm:ss.fffffffffZ`: always UTC, always nine fractional digits, so that comparing texts compares
 * instants. A time without offset is UTC. Undefined when the text is no valid date and time in the years 1 to 9999.
 */
export function toSortableDateTime(text: string): string | undefined {
  const match = DATE_TIME.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second, fraction = '', offset = 'Z'] = match;
  const wallClock = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  const asUtc = new Date(`${wallClock}Z`);
  // Date rolls 30 February over to March; what comes back must be what went in.
  if (Number.isNaN(asUtc.getTime()) || !asUtc.toISOString().startsWith(wallClock)) return undefined;
  const instant = new Date(asUtc.getTime() - offsetMinutes(offset) * 60_000);
  const utcYear = instant.getUTCFullYear();
  if (utcYear < 1 || utcYear > 9999) return undefined;
  return `${instant.toISOString().slice(0, 19)}.${fraction.slice(0, 9).padEnd(9, '0')}Z`;
}

function offsetMinutes(offset: string): number {
  if (offset.toUpperCase() === 'Z') return 0;
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(4, 6));
  return offset.startsWith('-') ? -minutes : minutes;
}
