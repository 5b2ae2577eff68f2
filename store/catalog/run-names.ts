// Two words that are easy to say across a desk, and never mean something of the field (no "deep", no "batch").
const adjectives =
  'amber bold brave brisk calm clear clever cosy crisp dapper eager early fair fleet fond frank gentle glad golden grand happy hardy honest humble jolly keen kind lively lucky mellow merry mild neat nimble noble patient placid plucky proud quick quiet rapid ready rosy serene shy silent silver sleek sly smart snug sober spry steady stout sunny swift tidy vivid warm wise witty young zesty'
const animals =
  'adder badger bear beaver bison bobcat camel crane crow deer dingo dove eagle egret elk falcon ferret finch fox gecko gibbon goose hare hawk heron hornet ibex ibis jackal jay koala lark lemur lion lizard llama lynx magpie marmot marten mole moose moth newt ocelot orca osprey otter owl panda parrot pigeon pike plover puffin quail rabbit raven robin salmon seal shrew snail sparrow stork swan tapir tiger toad toucan trout turtle viper vole walrus wolf wombat wren yak zebra'

const first = adjectives.split(' ')
const second = animals.split(' ')

/** A readable name such as `brave-otter`; with the number of tries so far, from the second on, `brave-otter-381`. */
export function readableName(random: () => number, tries: number): string {
  const pick = (words: string[]) => words[Math.floor(random() * words.length)]
  const name = `${pick(first)}-${pick(second)}`
  return tries === 0 ? name : `${name}-${Math.floor(random() * 10 ** Math.min(2 + tries, 9))}`
}
