import { type MeshNode, mapSize } from './mesh-layout.ts'

export const pathWords = {
  loopback: 'this machine',
  lan: 'local network',
  public: 'direct',
  'hole-punched': 'hole-punched',
  relayed: 'through a relay'
} as const

const centre = { x: mapSize.width / 2, y: mapSize.height / 2 }

/** A picture of the table below it, for those who see. */
export function MeshMap({ nodes, name }: { nodes: readonly MeshNode[]; name: string }) {
  return (
    <svg class="mesh-map" viewBox={`0 0 ${mapSize.width} ${mapSize.height}`} role="img" aria-label={label(nodes)}>
      <ellipse class="mesh-ring" cx={centre.x} cy={centre.y} rx="170" ry="120" />
      <ellipse class="mesh-ring" cx={centre.x} cy={centre.y} rx="300" ry="195" />
      {nodes.map(node => (
        <Edge key={node.id} node={node} />
      ))}
      {nodes.map(node => (
        <g key={node.id} class="mesh-node" data-kind={node.kind} data-away={node.path === undefined}>
          <circle cx={node.x} cy={node.y} r={node.kind === 'contact' ? 22 : 18} />
          <text class="mesh-letter" x={node.x} y={node.y + 5}>
            {letter(node)}
          </text>
          <text
            class="mesh-name"
            data-side={sideOf(node.x)}
            x={nameAt(node.x)}
            y={node.y < centre.y ? node.y - 30 : node.y + 40}
          >
            {shorten(node.name)}
          </text>
        </g>
      ))}
      <g class="mesh-me">
        <circle class="mesh-halo" cx={centre.x} cy={centre.y} r="46" />
        <circle class="mesh-back" cx={centre.x + 10} cy={centre.y + 5} r="26" />
        <circle cx={centre.x - 6} cy={centre.y - 3} r="30" />
        <text class="mesh-letter" x={centre.x - 6} y={centre.y + 4}>
          {[...name][0] ?? ''}
        </text>
        <text class="mesh-name" x={centre.x} y={centre.y + 54}>
          Your twin
        </text>
      </g>
    </svg>
  )
}

const edge = 90

/** Names near the rim grow inwards. */
function sideOf(x: number): 'left' | 'right' | undefined {
  return x < edge ? 'left' : x > mapSize.width - edge ? 'right' : undefined
}

function nameAt(x: number): number {
  const side = sideOf(x)
  return side === undefined ? x : side === 'left' ? 8 : mapSize.width - 8
}

function Edge({ node }: { node: MeshNode }) {
  if (node.path === undefined) return null
  const { x, y } = node
  const along = node.kind === 'device' ? 0.6 : 0.66
  const mid = { x: centre.x + (x - centre.x) * along, y: centre.y + (y - centre.y) * along }
  return (
    <g class="mesh-edge" data-path={node.path}>
      <line x1={centre.x} y1={centre.y} x2={x} y2={y} />
      {node.latencyMs !== undefined && (
        <>
          <rect class="mesh-tag" x={mid.x - 27} y={mid.y - 10} width="54" height="20" rx="10" />
          <text class="mesh-latency" x={mid.x} y={mid.y + 4}>
            {latencyWords(node.latencyMs)}
          </text>
        </>
      )}
    </g>
  )
}

export function latencyWords(ms: number): string {
  return ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`
}

function label(nodes: readonly MeshNode[]): string {
  const online = nodes.filter(({ path }) => path !== undefined).length
  return `Your twin and ${nodes.length} others, ${online} of them connected. The same stands in the table.`
}

function letter({ kind, name }: MeshNode): string {
  return kind === 'meeting-point' ? '◇' : ([...name][0]?.toLocaleUpperCase() ?? '·')
}

function shorten(name: string): string {
  const letters = [...name]
  return letters.length <= 18 ? name : `${letters.slice(0, 17).join('')}…`
}
