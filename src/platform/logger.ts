import type { LoggerService } from '@nestjs/common';
import { pino, type DestinationStream, type Logger as PinoLogger } from 'pino';

/** The log: one JSON line an entry, secrets removed by path. The framework's own lines go through it as well. */
export class Log implements LoggerService {
  private constructor(readonly pino: PinoLogger) {}

  /** `destination`: where the lines go; standard output when absent. */
  static create(level: string, destination?: DestinationStream): Log {
    return new Log(
      pino(
        {
          level,
          serializers: { err: toLoggedError },
          base: undefined,
          timestamp: pino.stdTimeFunctions.isoTime,
          redact: {
            paths: ['token', 'password', 'authorization', '*.token', '*.password', '*.authorization', 'headers.cookie'],
            censor: '[removed]',
          },
        },
        ...(destination ? [destination] : []),
      ),
    );
  }

  info(fields: object, message: string): void {
    this.pino.info(fields, message);
  }
  /** A framework line at info level; Nest calls it with (message, context). */
  log(message: unknown, ...context: unknown[]): void {
    this.pino.debug({ context: context.at(-1) }, String(message));
  }
  warn(message: unknown, ...context: unknown[]): void {
    this.pino.warn({ context: context.at(-1) }, String(message));
  }
  error(message: unknown, ...context: unknown[]): void {
    this.pino.error({ context }, message instanceof Error ? message.stack : String(message));
  }
  /** The cause of an answer that tells the client nothing, under the correlation id the client was given. */
  failure(error: unknown, fields: { readonly correlationId: string } & Record<string, unknown>): void {
    this.pino.error({ ...fields, err: error }, error instanceof Error ? error.message : 'unknown failure');
  }
}

/** What is safe to log of an error. A database error also carries the parameters of its statement and the values of its row: people's data. */
function toLoggedError(error: unknown): object {
  if (!(error instanceof Error)) return { type: typeof error };
  const { code, constraint, table } = error as { code?: unknown; constraint?: unknown; table?: unknown };
  return { type: error.name, message: error.message, code, constraint, table, stack: error.stack };
}
