import { ArchiveTable } from './archive-table.ts'
import { CommandTable } from './command-table.ts'
import { CountTable } from './count-table.ts'
import type { Connection } from './driver.ts'
import { EventTable } from './event-table.ts'
import { JobAudit } from './job-audit.ts'
import { JobLinks } from './job-links.ts'
import { JobTable } from './job-table.ts'
import { LeaseTable } from './lease-table.ts'
import { MetaTable } from './meta-table.ts'

/** All tables of a store, their statements prepared once. */
export class Tables {
  readonly meta: MetaTable
  readonly events: EventTable
  readonly jobs: JobTable
  readonly jobAudit: JobAudit
  readonly jobLinks: JobLinks
  readonly counts: CountTable
  readonly commands: CommandTable
  readonly leases: LeaseTable
  readonly archive: ArchiveTable

  constructor(connection: Connection) {
    this.meta = new MetaTable(connection)
    this.events = new EventTable(connection)
    this.jobs = new JobTable(connection)
    this.jobAudit = new JobAudit(connection)
    this.jobLinks = new JobLinks(connection)
    this.counts = new CountTable(connection)
    this.commands = new CommandTable(connection)
    this.leases = new LeaseTable(connection)
    this.archive = new ArchiveTable(connection)
  }
}
