import { resolve } from 'node:path'

import type { Command } from 'commander'

import type { Finding } from '../../diagnosis/finding.ts'
import { lookInto } from '../../redis/connect.ts'
import { diagnoseRedis } from '../../redis/diagnosis/diagnose.ts'
import { diagnoseSqlite } from '../../sqlite/diagnosis/diagnose.ts'
import type { Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { DEFAULT_REDIS_URL, patienceOf, requireFile } from '../open-store.ts'
import type { Run } from '../runner.ts'
import { printFindings } from '../show/findings.ts'
import { labelOf, type StoreConfig } from '../store-config.ts'

export function addDoctor(program: Command, run: Run): void {
  program
    .command('doctor')
    .description('say whether the store, and the server under it, are set so that its promises hold; change nothing')
    .action(run<[], object>(doctor))
}

async function doctor({ config, output, isJson }: Context): Promise<ExitCode> {
  const own = config()
  const findings = await diagnose(own)
  const isKept = findings.every(({ verdict }) => verdict !== 'fail')
  if (isJson) output.json({ ok: isKept, store: labelOf(own), findings })
  else printFindings(output, labelOf(own), findings)
  return isKept ? EXIT.fine : EXIT.found
}

async function diagnose(config: StoreConfig): Promise<Finding[]> {
  if (config.type === 'sqlite') {
    const { path = 'jobs.db', synchronous = 'full' } = config
    requireFile(path)
    return diagnoseSqlite(resolve(path), synchronous, Date.now())
  }
  const { url = DEFAULT_REDIS_URL, prefix = 'jobs', partitions = null } = config
  return lookInto(url, patienceOf(config), (redis) => diagnoseRedis(redis, prefix, partitions))
}
