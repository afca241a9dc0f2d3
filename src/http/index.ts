export { createHandler } from './handler.ts'
export type { HttpOptions } from './options.ts'
