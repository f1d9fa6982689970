import { posix } from 'node:path'
import { parseSync, Visitor } from 'oxc-parser'
import { listFiles, readText } from './project.ts'

/** One `import` or `export … from` as the parser sees it. */
export interface SourceImport {
  readonly specifier: string
  /** Erased when compiled */
  readonly isType: boolean
  readonly isDynamic: boolean
  /** Path from the root for a relative specifier */
  readonly target?: string
}

export interface SourceFile {
  readonly path: string
  readonly text: string
  readonly lines: number
  readonly isSpec: boolean
  readonly imports: readonly SourceImport[]
  /** Every string literal and the fixed parts of templates */
  readonly strings: readonly string[]
}

let parsed: readonly SourceFile[] | undefined

/** Every TypeScript and JavaScript file of the project, parsed once a process. */
export function readSourceFiles(): readonly SourceFile[] {
  parsed ??= listFiles()
    .filter(path => /\.(ts|tsx|mts|mjs|js)$/.test(path))
    .map(path => parseSourceFile(path, readText(path)))
  return parsed
}

export function parseSourceFile(path: string, text: string): SourceFile {
  const { module, program, errors } = parseSync(path, text)
  if (errors.length > 0) throw new Error(`Cannot parse ${path}: ${errors[0]!.message}`)
  const imports: SourceImport[] = []
  const strings: string[] = []
  const add = (specifier: string, isType: boolean, isDynamic = false) =>
    imports.push({
      specifier,
      isType,
      isDynamic,
      ...(specifier.startsWith('.') && { target: resolve(path, specifier) })
    })

  for (const found of module.staticImports) {
    const isType = found.entries.length > 0 && found.entries.every(entry => entry.isType)
    add(found.moduleRequest.value, isType)
  }
  for (const found of module.staticExports) {
    const from = found.entries.flatMap(entry => entry.moduleRequest?.value ?? [])
    if (from[0] !== undefined)
      add(
        from[0],
        found.entries.every(entry => entry.isType)
      )
  }
  new Visitor({
    ImportExpression: node => {
      if (node.source.type === 'Literal') add(String(node.source.value), false, true)
    },
    TSImportType: node => {
      add(node.source.value, true)
    },
    Literal: node => {
      if (typeof node.value === 'string') strings.push(node.value)
    },
    TemplateElement: node => {
      strings.push(node.value.cooked ?? '')
    }
  }).visit(program)
  const lines = text.split('\n').length - 1
  return { path, text, lines, isSpec: /\.(spec|fixture)\.ts$/.test(path), imports, strings }
}

function resolve(from: string, specifier: string): string {
  return posix.normalize(posix.join(posix.dirname(from), specifier))
}
