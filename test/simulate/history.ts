/** One write of the workload, as its caller knows it. */
export interface WriteRecord {
  readonly twin: number
  readonly space: string
  readonly document: string
  readonly type: 'line' | 'token' | 'put' | 'delete' | 'scratch'
  /** What stands in the document when the write is there, unlike any other */
  readonly token: string
  readonly key?: string
  isAcknowledged: boolean
}

/** What one twin shows of one space. */
export interface Contents {
  readonly frontier: string
  readonly members: string
  /** By document: its text or lines, and its Yjs snapshot */
  readonly documents: ReadonlyMap<string, { readonly tokens: readonly string[]; readonly snapshot: string }>
  /** Index rows, as text */
  readonly rows: ReadonlyMap<string, string>
  /** Values by key, of the key-value namespace that is written */
  readonly values: ReadonlyMap<string, string>
  /** What is not shown though it was received */
  readonly review: string
}

/** Everything that was written, and what has to be there for it. */
export class History {
  readonly #writes: WriteRecord[] = []

  begin(write: Omit<WriteRecord, 'token' | 'isAcknowledged'>): WriteRecord {
    // Of one length, so that texts can be cut into tokens
    const token = (this.#writes.length + 36 ** 5).toString(36)
    const record = { ...write, token, isAcknowledged: false }
    this.#writes.push(record)
    return record
  }

  /** Documents of a space that somebody tried to write. */
  documents(space: string): string[] {
    return [...new Set(this.#writes.filter(write => write.space === space).map(({ document }) => document))].sort()
  }

  /** What an honest and durable system could not show, or fails to show. */
  check(space: string, contents: Contents): string[] {
    const writes = this.#writes.filter(write => write.space === space)
    return [...this.#checkTokens(writes, contents), ...this.#checkValues(writes, contents)]
  }

  #checkTokens(writes: readonly WriteRecord[], { documents }: Contents): string[] {
    const wrong: string[] = []
    for (const [name, { tokens }] of documents) {
      const mine = writes.filter(({ document, type }) => document === name && (type === 'line' || type === 'token'))
      if (mine.length === 0) continue
      const known = new Set(mine.map(({ token }) => token))
      const seen = new Set<string>()
      for (const token of tokens) {
        if (!known.has(token)) wrong.push(`${name} shows ${token}, which nobody wrote`)
        if (seen.has(token)) wrong.push(`${name} shows ${token} twice`)
        seen.add(token)
      }
      for (const { token, isAcknowledged, twin } of mine) {
        if (isAcknowledged && !seen.has(token)) wrong.push(`${name} lacks ${token}, acknowledged by twin ${twin}`)
      }
    }
    return wrong
  }

  /** A value must have been written under its key, and not be older than what its own writer had acknowledged after it. */
  #checkValues(writes: readonly WriteRecord[], { values }: Contents): string[] {
    const wrong: string[] = []
    const keyed = writes.filter(({ type }) => type === 'put' || type === 'delete')
    for (const key of new Set(keyed.map(write => write.key!))) {
      const mine = keyed.filter(write => write.key === key)
      const token = values.get(key)
      const shown = mine.findIndex(write => write.type === 'put' && write.token === token)
      if (token === undefined) {
        const isDeletable = mine.some(({ type }) => type === 'delete')
        if (!isDeletable && mine.some(write => write.isAcknowledged))
          wrong.push(`key ${key} is gone, nobody deleted it`)
      } else if (shown < 0) wrong.push(`key ${key} has ${token}, which nobody put there`)
      else {
        const { twin } = mine[shown]!
        const later = mine.slice(shown + 1).find(write => write.twin === twin && write.isAcknowledged)
        if (later !== undefined)
          wrong.push(`key ${key} has ${token} of twin ${twin}, who had ${later.token} acknowledged later`)
      }
    }
    return wrong
  }
}
