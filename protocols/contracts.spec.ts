import { readFile, writeFile } from 'node:fs/promises'
import { expect } from 'chai'
import contractCompliance from './core/compliance.ts'
import { fileVectors } from './core/file-vectors.ts'
import { contractToMarkdown } from './core/index.ts'
import { helloProtocol } from './hello/protocol.ts'
import { loadProtocols } from './index.ts'
import { syncProtocol } from './sync/protocol.ts'

const capabilities = await loadProtocols()

for (const protocol of capabilities) {
  contractCompliance(protocol, { vectors: fileVectors(`protocols/${protocol.name}/vectors`) })
}

// What twins need among themselves has pages too, and runs its compliance with its own specs
for (const protocol of [...capabilities, helloProtocol, syncProtocol]) {
  const folder = `protocols/${protocol.name}`

  describe(`page of ${protocol.name}`, () => {
    it('says what the contract says (UPDATE_PAGES=1 writes it anew)', async () => {
      const page = contractToMarkdown(protocol)
      if (process.env.UPDATE_PAGES === '1') await writeFile(`${folder}/README.md`, page)
      expect(await readFile(`${folder}/README.md`, 'utf8')).to.equal(page)
    })
  })
}
