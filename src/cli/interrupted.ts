const NUMBERS = { SIGINT: 2, SIGTERM: 15 } as const;

export type StopSignal = keyof typeof NUMBERS;
export const STOP_SIGNALS = Object.keys(NUMBERS) as StopSignal[];

/** A person or a supervisor asked us to stop: the reason that the command's AbortSignal carries. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
  readonly exitCode: number;

  constructor(signal: StopSignal) {
    super(`stopped by ${signal}`);
    this.exitCode = 128 + NUMBERS[signal]; // as a shell reports a process that the signal ended
  }
}
