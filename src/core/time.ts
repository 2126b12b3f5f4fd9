/** "2026-11-22T10:15:00.120Z" of a Unix epoch in milliseconds. */
export const isoTime = (epochMs: number): string => new Date(epochMs).toISOString();
