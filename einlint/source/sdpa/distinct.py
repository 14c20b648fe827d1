"""What is not known any closer, told apart by how it is written."""

import ast

from einlint.source.terms import Term


def distinct(term: Term, node: ast.expr) -> Term:
    """The term with its text as its detail."""
    match node:
        case ast.Call():
            detail = ast.unparse(node.func)
            if any(each.arg is None for each in node.keywords):
                detail += " ** " + " ".join(each.arg or "" for each in node.keywords)
        case ast.Compare(ops=operators):
            detail = " ".join(type(each).__name__ for each in operators)
        case ast.BoolOp(op=operator) | ast.UnaryOp(op=operator) | ast.BinOp(op=operator):
            detail = type(operator).__name__
        case _:
            detail = ast.dump(node)
    return Term(term.operator, term.operands, term.names, detail, term.is_method, term.line)
