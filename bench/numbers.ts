import type { Spread } from './statistics.ts'

/** A whole number with separators; small ones with three digits. */
export function whole(value: number): string {
  return Math.abs(value) < 1000 ? short(value) : Math.round(value).toLocaleString('en-US')
}

/** Three digits, as many as a noisy machine supports. */
export function short(value: number | null): string {
  if (value === null) return '–'
  if (!Number.isFinite(value)) return '?'
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US')
  return value.toPrecision(3)
}

export function formatRatio({ median, min, max }: Spread): string {
  return `${short(median)} × (${short(min)} – ${short(max)})`
}

/** What is counted, always whole. */
export function counted(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}
