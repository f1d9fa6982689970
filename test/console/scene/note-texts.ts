/** Two notebooks: one of her own, one that she writes with Marie. */
export const notebooks = [
  {
    name: 'Cabin weekend',
    isShared: true,
    notes: [
      `# Packing list

## Must not be forgotten
- [x] Head torches, **with** batteries
- [x] Marie's *good* sandals
- [ ] Small telescope and the red lamp
- [ ] Matches, the long ones

## Food
1. Lentils (Tomás cooks on Friday)
2. Bread, butter, two jars of plum jam
3. Coffee for five, three days

> The door sticks on purpose. It is a feature.

Train leaves at \`21:48\`, platform 7. Timetable: https://example.org/night-train
`,
      '# Walks from the door\n\n- Round the lake, two hours\n- Up to the fire tower before breakfast\n'
    ]
  },
  {
    name: 'Notes',
    isShared: false,
    notes: [
      '# Ideas for the footbridge\n\nTimber deck, steel below. Ask about the old foundations.\n',
      '# Books to give back\n\n- *The Summer Book*, to Jun\n- The knot encyclopaedia, to the library\n',
      '# Plum cake, as Ruth makes it\n\n400 g flour, and do not tell anybody about the cardamom.\n'
    ]
  }
] as const
