const DURATION =
  /^P(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,6})D)?(T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})(?:\.\d+)?S)?)?$/;
const UNITS = [365 * 86_400, 30 * 86_400, 86_400, 3600, 60, 1];

/** xs:duration -> seconds, with months of 30 days; undefined for what is none, is negative or has nothing in it. */
export function parseDuration(text: string): number | undefined {
  const match = DURATION.exec(text);
  if (!match || text.endsWith('T')) return undefined;
  const [, years, months, days, , hours, minutes, seconds] = match;
  const parts = [years, months, days, hours, minutes, seconds];
  if (parts.every((part) => part === undefined)) return undefined;
  return parts.reduce((sum, part, index) => sum + Number(part ?? 0) * UNITS[index]!, 0);
}
