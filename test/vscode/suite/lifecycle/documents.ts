/** Documents and answers that many sessions share. */

/** A method that lacks its body. */
export const start = `class Basket {
  int total(Order order) {
    ▮
  }
}
`;
export const line = 'return order.price * order.count;';
export const two = 'int sum = order.price;\n    return sum * order.count;';
