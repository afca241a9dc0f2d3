import type { JobEvent } from '../../src/index.ts'
import { describeError } from '../../src/cli/show/describe.ts'
import { fold, type Fields } from './fold.ts'
import type { DemoJob, Life } from './lives.ts'
import { bar } from '../../src/cli/terminal/progress-bar.ts'
import type { Screen } from '../../src/cli/terminal/screen.ts'
import { fit } from '../../src/cli/terminal/text.ts'

/** From here on there is room to say who works on a job. */
const WIDE = 100
/** Below, the region would break into more lines than it has. */
const LEAST_WIDTH = 64
/** Percent, spaces between the parts, and one column that stays empty. */
const FIXED_WIDTH = 13

/** What became of a job, as far as the board's reader has seen the log. */
interface Row {
  life: Life
  job: Fields | null
  state: string
  actor: string
}

const LOOK = {
  pending: ['·', 'dim'],
  queued: ['·', 'dim'],
  processing: ['▸', 'cyan'],
  completed: ['✓', 'green'],
  failed: ['✗', 'red'],
  cancelled: ['⊘', 'yellow'],
  expired: ['⊘', 'yellow'],
} as const

/** The jobs of a run and how far they are, folded from the log alone. */
export class Board {
  readonly #screen: Screen
  readonly #rows: Map<string, Row>
  readonly #isLive: boolean
  readonly #startedAt: number

  constructor(screen: Screen, lives: readonly Life[], startedAt: Date) {
    this.#screen = screen
    this.#rows = new Map(lives.map((life) => [life.id, { life, job: null, state: 'pending', actor: '' }]))
    this.#isLive = screen.fits(lives.length + 2) && screen.width >= LEAST_WIDTH
    this.#startedAt = startedAt.getTime()
  }

  /** Takes events in, and shows what they changed. */
  show(events: readonly JobEvent<DemoJob>[]): void {
    for (const event of events) {
      const row = this.#rows.get(event.jobId)
      if (row === undefined) continue
      row.job = fold(row.job, event)
      row.state = event.type === 'expired' ? 'expired' : ((row.job?.['status'] as string | undefined) ?? event.type)
      row.actor = event.meta?.actor ?? 'the store'
      if (!this.#isLive && event.type !== 'progressed') this.#print(row, event.at)
    }
    if (this.#isLive) this.#screen.draw([...[...this.#rows.values()].map((row) => this.#line(row)), this.#totals()])
  }

  #print({ life, job, state, actor }: Row, at: Date): void {
    const seconds = ((at.getTime() - this.#startedAt) / 1000).toFixed(1)
    const error = job?.['error'] as DemoJob['error']
    const why = state === 'pending' ? life.title : error === undefined ? '' : describeError(error)
    const line = `  ${seconds.padStart(4)} s  ${fit(life.id, this.#widths().id)}  ${fit(actor, 9)}  ${fit(state, 10)}  ${why}`
    this.#screen.print(line.trimEnd())
  }

  #line({ life, job, state, actor }: Row): string {
    const progress = job?.['progress'] as DemoJob['progress'] | undefined
    const percent = progress?.percent ?? 0
    const isRunning = state === 'processing'
    const [mark, colour] = LOOK[state as keyof typeof LOOK] ?? LOOK.pending
    const { id, title, blocks, status, who } = this.#widths()
    const { filled, empty } = bar(percent / 100, blocks)
    const paint = this.#screen.style.bind(this.#screen)
    return [
      ` ${paint('bold', fit(life.id, id))} ${fit(life.title, title)}`,
      `${paint(colour, filled)}${paint('dim', empty)} ${fit(`${percent} %`, 5, 'right')} `,
      paint(colour, fit(`${mark} ${isRunning ? (progress?.stage ?? 'starting') : state}`, status)),
      paint('dim', fit(isRunning ? actor : '', who)),
    ].join(' ')
  }

  #totals(): string {
    const totals = new Map<string, number>()
    for (const { state } of this.#rows.values()) totals.set(state, (totals.get(state) ?? 0) + 1)
    const texts = Object.keys(LOOK)
      .filter((state) => totals.has(state))
      .map((state) => `${totals.get(state)} ${state}`)
    return this.#screen.style('dim', fit(`  ${texts.join(' · ')}`, this.#screen.width - 1))
  }

  /** Columns of each part; the title gets what is left. */
  #widths(): Record<'id' | 'title' | 'blocks' | 'status' | 'who', number> {
    const isWide = this.#screen.width >= WIDE
    const id = Math.max(...[...this.#rows.keys()].map((name) => name.length))
    const widths = { id, blocks: isWide ? 20 : 10, status: 19, who: isWide ? 8 : 0 }
    const taken = widths.id + widths.blocks + widths.status + widths.who + FIXED_WIDTH
    return { ...widths, title: Math.min(32, this.#screen.width - taken) }
  }
}
