// A rule for oxlint: no spread among the arguments of a call. They are put on the stack, which a long array overflows.

const message =
  'An array of unknown length overflows the stack as arguments: use a loop, flat(), concat() or reduce().';

function check(context) {
  return (node) => {
    for (const argument of node.arguments)
      if (argument.type === 'SpreadElement') context.report({ node: argument, message });
  };
}

const rule = {
  create: (context) => ({ CallExpression: check(context), NewExpression: check(context) }),
};

// oxlint-disable-next-line import/no-default-export -- oxlint looks for a plugin there
export default { meta: { name: 'kubed-sync' }, rules: { 'no-spread-arguments': rule } };
