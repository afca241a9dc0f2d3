import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import * as echarts from 'echarts'

import type { Measurement } from '../compare/measure-compare.ts'
import type { GrowthMeasurement } from '../growth/measure-growth.ts'
import { medianOf } from '../growth/report-growth.ts'
import { groupBy } from '../group-by.ts'
import { perSecond, spreadOf } from '../statistics.ts'

/** A line a name, through points of x and y; x is logarithmic. */
export interface Chart {
  file: string
  title: string
  x: string
  y: string
  /** Of the x axis: its marks are powers of it. */
  base: number
  isYLogarithmic: boolean
  lines: Map<string, [number, number][]>
}

/** Verbs that a chart of growth shows: more lines than these can't be told apart. */
const SHOWN = ['updateProgress', 'create', 'findById', 'findByUserId', 'countByStatus', 'history']

/** Draws charts as SVG files into a folder. @returns their paths */
export function drawCharts(charts: readonly Chart[], folder: string): string[] {
  mkdirSync(folder, { recursive: true })
  return charts.map((chart) => {
    const path = join(folder, chart.file)
    writeFileSync(path, draw(chart))
    return path
  })
}

/** Throughput by calls in flight, a chart a verb. */
export function loadCharts(load: readonly Measurement[]): Chart[] {
  return [...groupBy(load, ({ verb }) => verb)].map(([verb, ofVerb]) => ({
    file: `load-${verb}.svg`,
    title: `${verb}: calls a second by calls in flight`,
    x: 'calls in flight',
    y: 'calls/s',
    base: 4,
    isYLogarithmic: false,
    lines: new Map(
      [...groupBy(ofVerb, ({ contender }) => contender)].map(([contender, levels]) => [
        contender,
        levels.map(({ inFlight, rounds }) => [inFlight, Math.round(spreadOf(rounds.map(perSecond)).median)]),
      ]),
    ),
  }))
}

/** p50 and p99 by jobs in the store, with the most calls in flight that were measured. */
export function growthCharts({ rows, backend }: GrowthMeasurement): Chart[] {
  const inFlight = Math.max(...rows.map((row) => row.inFlight))
  const shown = rows.filter((row) => row.inFlight === inFlight && SHOWN.includes(row.verb))
  return (['p50', 'p99'] as const).map((field) => ({
    file: `growth-${backend}-${field}.svg`,
    title: `${field} by jobs in the store, ${backend}, ${inFlight} calls in flight`,
    x: 'jobs in the store, of 5 events each',
    y: 'µs',
    base: 10,
    isYLogarithmic: true,
    lines: new Map(
      [...groupBy(shown, ({ verb }) => verb)].map(([verb, sizes]) => [
        verb,
        sizes.map((row) => [row.jobs, Math.round(medianOf(row, field))]),
      ]),
    ),
  }))
}

function draw({ title, x, y, base, isYLogarithmic, lines }: Chart): string {
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: 760, height: 420 })
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    title: { text: title, left: 'center', textStyle: { fontSize: 15, fontWeight: 'normal' } },
    legend: { bottom: 0 },
    grid: { left: 80, right: 30, top: 50, bottom: 75 },
    xAxis: { type: 'log', logBase: base, name: x, nameLocation: 'middle', nameGap: 28, min: 'dataMin', max: 'dataMax' },
    yAxis: { type: isYLogarithmic ? 'log' : 'value', name: y },
    series: [...lines].map(([name, data]) => ({ name, data, type: 'line', symbolSize: 7 })),
  })
  const svg = chart.renderToSVGString()
  chart.dispose()
  return `${svg}\n`
}
