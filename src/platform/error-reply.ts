/** A door's answer to an error, in the protocol's own form. Each door has one pure function from error to reply. */
export interface ErrorReply {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The client was told nothing useful: the cause belongs into the log under the correlation id. */
  readonly unexpected: boolean;
}

/** `correlationId` may be shown to the client; nothing of `error` may that the door did not recognise. */
export type ToErrorReply = (error: unknown, correlationId: string) => ErrorReply;
