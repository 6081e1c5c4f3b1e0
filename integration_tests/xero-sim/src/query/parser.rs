//! Xero's expression language, as `where` has it. It is a part of that of C#.

use super::expression::{Expression, Letters, Operand, Operator, Term, TextFunction};
use super::fields::Fields;
use super::literals;
use super::tokens::{self, Token};
use super::types::Kind;
use super::value::Value;

/// How deep parentheses can be nested. Each level is a call of the parser to itself.
const MAX_DEPTH: usize = 100;

/// Reads an expression. `Err` says what is wrong with it.
pub(crate) fn parse(expression: &str, fields: &mut Fields) -> Result<Expression, String> {
    let mut parser = Parser {
        tokens: tokens::split(expression)?,
        at: 0,
        depth: 0,
        fields,
    };
    let parsed = parser.alternatives()?;
    match parser.tokens.get(parser.at) {
        None => Ok(parsed),
        Some(_) => Err(parser.unexpected()),
    }
}

struct Parser<'a> {
    tokens: Vec<Token>,
    at: usize,
    /// The number of parentheses that are open.
    depth: usize,
    fields: &'a mut Fields,
}

/// An operand, its kind unless it is null, and the function of a text that follows it.
struct Read {
    operand: Operand,
    kind: Option<Kind>,
    function: Option<TextFunction>,
}

impl Parser<'_> {
    fn alternatives(&mut self) -> Result<Expression, String> {
        let mut parts = vec![self.conjunction()?];
        while self.takes_symbol("||") || self.takes_word("or") {
            parts.push(self.conjunction()?);
        }
        Ok(only(parts, Expression::Any))
    }

    fn conjunction(&mut self) -> Result<Expression, String> {
        let mut parts = vec![self.condition()?];
        while self.takes_symbol("&&") || self.takes_word("and") {
            parts.push(self.condition()?);
        }
        Ok(only(parts, Expression::All))
    }

    fn condition(&mut self) -> Result<Expression, String> {
        if self.takes_symbol("(") {
            self.depth += 1;
            if self.depth > MAX_DEPTH {
                return Err("Expression is nested too deeply".to_owned());
            }
            let inner = self.alternatives()?;
            self.depth -= 1;
            self.symbol(")")?;
            return Ok(inner);
        }
        let one = self.operand()?;
        if let Some(function) = one.function {
            return self.text_function(one, function);
        }
        let Some(operator) = self.operator() else {
            let flag = Term::Literal(Value::Flag(true));
            return match one.kind {
                Some(Kind::Flag) => Ok(Expression::Compare(
                    one.operand,
                    Operator::Equal,
                    flag.into(),
                )),
                _ => Err("Expression of type 'Boolean' expected".to_owned()),
            };
        };
        let other = self.operand()?;
        if other.function.is_some() {
            return Err(self.unexpected());
        }
        comparable(&one, operator, &other)?;
        Ok(Expression::Compare(one.operand, operator, other.operand))
    }

    /// Reads the argument of a function of a text.
    fn text_function(&mut self, one: Read, function: TextFunction) -> Result<Expression, String> {
        let argument = self.operand()?;
        if argument.kind != Some(Kind::Text) || argument.function.is_some() {
            return Err("No applicable method exists in type 'String'".to_owned());
        }
        self.symbol(")")?;
        Ok(Expression::Matches(one.operand, function, argument.operand))
    }

    /// Reads a field or a literal, and the functions of its text.
    fn operand(&mut self) -> Result<Read, String> {
        let (term, kind, path_function) = match self.next() {
            Some(Token::Text(text)) => (Value::text(text).into(), Some(Kind::Text), None),
            Some(Token::Number(number)) => (Value::Number(number).into(), Some(Kind::Number), None),
            Some(Token::Name(name)) => self.named(name)?,
            _ => return Err(self.unexpected_before()),
        };
        let mut read = Read {
            operand: Operand::from(term),
            kind,
            function: None,
        };
        let mut function = path_function;
        loop {
            if function.is_none() && self.takes_symbol(".") {
                function = Some(self.word()?);
                self.symbol("(")?;
            }
            let Some(name) = function.take() else {
                return Ok(read);
            };
            if read.kind != Some(Kind::Text) {
                return Err(format!("No applicable method '{name}' exists"));
            }
            match name.to_ascii_lowercase().as_str() {
                "tolower" => read.operand.letters = Letters::Lower,
                "toupper" => read.operand.letters = Letters::Upper,
                other => {
                    read.function = Some(text_function(other).ok_or_else(|| {
                        format!("No applicable method '{name}' exists in type 'String'")
                    })?);
                    return Ok(read);
                }
            }
            self.symbol(")")?;
        }
    }

    /// Reads what begins with a name: a keyword, a literal of a type, or a field. A function of the
    /// field's text may follow, up to its parenthesis.
    fn named(&mut self, name: String) -> Result<(Term, Option<Kind>, Option<String>), String> {
        let is_call = self.takes_symbol("(");
        let literal = |value, kind| Ok((Term::Literal(value), kind, None));
        match (name.to_ascii_lowercase().as_str(), is_call) {
            ("true", false) => return literal(Value::Flag(true), Some(Kind::Flag)),
            ("false", false) => return literal(Value::Flag(false), Some(Kind::Flag)),
            ("null", false) => return literal(Value::Null, None),
            ("guid", true) => {
                let value = literals::guid(&self.arguments()?)?;
                return literal(value, Some(Kind::Guid));
            }
            ("datetime", true) => {
                let value = literals::date_time(&self.arguments()?)?;
                return literal(value, Some(Kind::Date));
            }
            (_, true) => return Err(format!("No applicable method '{name}' exists")),
            _ => {}
        }
        let (mut path, mut function) = (name, None);
        while function.is_none() && self.takes_symbol(".") {
            let further = self.word()?;
            if self.takes_symbol("(") {
                function = Some(further);
            } else {
                path.push('.');
                path.push_str(&further);
            }
        }
        let is_parse = function
            .as_ref()
            .is_some_and(|it| it.eq_ignore_ascii_case("Parse"));
        if is_parse && path.eq_ignore_ascii_case("DateTime") {
            let value = literals::parsed_date_time(&self.arguments()?)?;
            return literal(value, Some(Kind::Date));
        }
        let field = self.fields.name(&path)?;
        let kind = self.fields.named()[field].kind;
        Ok((Term::Field(field), Some(kind), function))
    }

    /// Reads literals up to the parenthesis that ends them.
    fn arguments(&mut self) -> Result<Vec<Token>, String> {
        let mut arguments = Vec::new();
        loop {
            match self.next() {
                Some(token @ (Token::Text(_) | Token::Number(_))) => arguments.push(token),
                _ => return Err(self.unexpected_before()),
            }
            if self.takes_symbol(")") {
                return Ok(arguments);
            }
            self.symbol(",")?;
        }
    }

    fn operator(&mut self) -> Option<Operator> {
        let known = [
            ("==", Operator::Equal),
            ("=", Operator::Equal),
            ("!=", Operator::NotEqual),
            ("<>", Operator::NotEqual),
            ("<=", Operator::LessOrEqual),
            (">=", Operator::GreaterOrEqual),
            ("<", Operator::Less),
            (">", Operator::Greater),
        ];
        let mut known = known.into_iter();
        let found = known.find(|(symbol, _)| self.takes_symbol(symbol));
        found.map(|(_, operator)| operator)
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    fn takes_symbol(&mut self, symbol: &str) -> bool {
        let takes = matches!(self.tokens.get(self.at), Some(Token::Symbol(it)) if *it == symbol);
        self.at += usize::from(takes);
        takes
    }

    fn takes_word(&mut self, word: &str) -> bool {
        let token = self.tokens.get(self.at);
        let takes = matches!(token, Some(Token::Name(it)) if it.eq_ignore_ascii_case(word));
        self.at += usize::from(takes);
        takes
    }

    fn symbol(&mut self, symbol: &str) -> Result<(), String> {
        match self.takes_symbol(symbol) {
            true => Ok(()),
            false => Err(self.unexpected()),
        }
    }

    fn word(&mut self) -> Result<String, String> {
        match self.next() {
            Some(Token::Name(name)) => Ok(name),
            _ => Err("Identifier expected".to_owned()),
        }
    }

    fn unexpected(&self) -> String {
        match self.tokens.get(self.at) {
            Some(_) => format!("Syntax error at word {}", self.at + 1),
            None => "Expression expected".to_owned(),
        }
    }

    /// The same about the word that was just read.
    fn unexpected_before(&mut self) -> String {
        self.at -= 1;
        self.unexpected()
    }
}

fn only(mut parts: Vec<Expression>, join: fn(Vec<Expression>) -> Expression) -> Expression {
    match parts.len() {
        1 => parts.remove(0),
        _ => join(parts),
    }
}

fn text_function(name: &str) -> Option<TextFunction> {
    Some(match name {
        "contains" => TextFunction::Contains,
        "startswith" => TextFunction::StartsWith,
        "endswith" => TextFunction::EndsWith,
        _ => return None,
    })
}

/// Only values of one kind can be compared, and only those with an order by `<` and the like.
fn comparable(one: &Read, operator: Operator, other: &Read) -> Result<(), String> {
    let is_ordered = |kind| !matches!(kind, Some(Kind::Guid | Kind::Flag));
    let needs_order = !matches!(operator, Operator::Equal | Operator::NotEqual);
    let same = one.kind.is_none() || other.kind.is_none() || one.kind == other.kind;
    if same && (!needs_order || is_ordered(one.kind) && is_ordered(other.kind)) {
        return Ok(());
    }
    let [one, other] = [one, other].map(|read| read.kind.map_or("null", Kind::name));
    Err(format!(
        "Operator incompatible with operand types '{one}' and '{other}'"
    ))
}

impl From<Value> for Term {
    fn from(value: Value) -> Self {
        Self::Literal(value)
    }
}

#[cfg(test)]
mod tests;
