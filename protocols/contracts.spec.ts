import { readFile, writeFile } from 'node:fs/promises'
import { expect } from 'chai'
import contractCompliance from './core/compliance.ts'
import { fileVectors } from './core/file-vectors.ts'
import { contractToMarkdown } from './core/index.ts'
import { protocols } from './index.ts'

for (const protocol of protocols) {
  const folder = `protocols/${protocol.name}`
  contractCompliance(protocol, { vectors: fileVectors(`${folder}/vectors`) })

  describe(`page of ${protocol.name}`, () => {
    it('says what the contract says (UPDATE_PAGES=1 writes it anew)', async () => {
      const page = contractToMarkdown(protocol)
      if (process.env.UPDATE_PAGES === '1') await writeFile(`${folder}/README.md`, page)
      expect(await readFile(`${folder}/README.md`, 'utf8')).to.equal(page)
    })
  })
}
