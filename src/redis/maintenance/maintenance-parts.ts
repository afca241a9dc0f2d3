import type { PartitionKeys } from '../keys.ts'
import type { Link } from '../link.ts'
import type { Partition } from '../partition.ts'
import type { KeyScanner } from '../store-keys.ts'

/** What a partition's maintenance works with. */
export interface MaintenanceParts {
  index: number
  keys: PartitionKeys
  partition: Partition
  inlineBytes: number
  link: Link
  scanner: KeyScanner
}
