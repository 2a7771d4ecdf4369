//! HTTP dates (RFC 9110, 5.6.7).

/// A date in one of the three forms.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HttpDate {
    /// The year; two digits in the form of RFC 850.
    year: u16,
    has_century: bool,
    /// Month, day, hour, minute and second.
    rest: [u8; 5],
}

const MONTHS: [(&str, u8); 12] = [
    ("Jan", 31),
    ("Feb", 29),
    ("Mar", 31),
    ("Apr", 30),
    ("May", 31),
    ("Jun", 30),
    ("Jul", 31),
    ("Aug", 31),
    ("Sep", 30),
    ("Oct", 31),
    ("Nov", 30),
    ("Dec", 31),
];

const DAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];

impl HttpDate {
    /// Parses `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT`
    /// and `Sun Nov  6 08:49:37 1994`. Whether the day of the week is right is
    /// not checked.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if let Some((day, rest)) = text.split_once(", ") {
            let rest = rest.strip_suffix(" GMT")?;
            let (date, time) = rest.rsplit_once(' ')?;
            return if is_short_day(day) {
                let mut parts = date.split(' ');
                Self::new(parts.next()?, parts.next()?, parts.next()?, time, 4)
                    .filter(|_| parts.next().is_none())
            } else if DAYS.contains(&day) {
                let mut parts = date.split('-');
                Self::new(parts.next()?, parts.next()?, parts.next()?, time, 2)
                    .filter(|_| parts.next().is_none())
            } else {
                None
            };
        }
        let (day, rest) = text.split_once(' ')?;
        let (month, rest) = rest.split_once(' ')?;
        let (date, rest) = rest.split_at_checked(2)?;
        let (time, year) = rest.strip_prefix(' ')?.split_once(' ')?;
        let padded = match date.strip_prefix(' ') {
            Some(digit) => format!("0{digit}"),
            None => date.to_owned(),
        };
        Self::new(&padded, month, year, time, 4).filter(|_| is_short_day(day))
    }

    fn new(day: &str, month: &str, year: &str, time: &str, year_digits: usize) -> Option<Self> {
        let number = |text: &str, digits: usize| {
            let is_number = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse::<u16>().ok().filter(|_| is_number)
        };
        let short = |text: &str| u8::try_from(number(text, 2)?).ok();
        let (month, (_, last)) = (1..).zip(MONTHS).find(|(_, (name, _))| *name == month)?;
        let mut times = time.split(':');
        let (hour, minute) = (short(times.next()?)?, short(times.next()?)?);
        let second = short(times.next()?)?;
        let date = Self {
            year: number(year, year_digits)?,
            has_century: year_digits == 4,
            rest: [month, short(day)?, hour, minute, second],
        };
        let is_day = (1..=last).contains(&date.rest[1]);
        // A leap second is written as 60.
        let is_time = hour < 24 && minute < 60 && second <= 60 && times.next().is_none();
        (is_day && is_time).then_some(date)
    }
}

fn is_short_day(text: &str) -> bool {
    text.len() == 3 && DAYS.iter().any(|day| day.starts_with(text))
}

/// Two dates are equal if they are the same second. Of a year with two digits
/// only these are compared.
impl PartialEq for HttpDate {
    fn eq(&self, other: &Self) -> bool {
        let is_same_year = if self.has_century && other.has_century {
            self.year == other.year
        } else {
            self.year % 100 == other.year % 100
        };
        is_same_year && self.rest == other.rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_the_three_forms() {
        let date = HttpDate::parse("Sun, 06 Nov 1994 08:49:37 GMT");
        assert!(date.is_some());
        assert_eq!(HttpDate::parse("Sunday, 06-Nov-94 08:49:37 GMT"), date);
        assert_eq!(HttpDate::parse("Sun Nov  6 08:49:37 1994"), date);
        assert_ne!(HttpDate::parse("Sun, 06 Nov 1994 08:49:38 GMT"), date);
        assert_ne!(HttpDate::parse("Sunday, 06-Nov-95 08:49:37 GMT"), date);
        assert_ne!(HttpDate::parse("Mon Nov 16 08:49:37 1994"), date);
        assert!(HttpDate::parse("Mon Nov 16 08:49:37 1994").is_some());
    }

    #[test]
    fn rejects_other_texts() {
        for text in [
            "",
            "7",
            "0",
            "-1",
            "yesterday, GMT",
            "1994-11-06T08:49:37Z",
            "Sun, 06 Nov 1994 08:49:37 EST",
            "Sun, 06 Nov 1994 08:49:37",
            "Sun, 6 Nov 1994 08:49:37 GMT",
            "sun, 06 nov 1994 08:49:37 gmt",
            "Sun, 32 Nov 1994 08:49:37 GMT",
            "Sun, 31 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:00:00 GMT",
            "Sun, 06 Nov 1994 08:49:37:00 GMT",
            "Sun, 06 Nov 1994 08 08:49:37 GMT",
            "Sunday, 06 Nov 1994 08:49:37 GMT",
            "Sun, +6 Nov 1994 08:49:37 GMT",
            "Sun Nov 6 08:49:37 1994",
            "Sun Nov é 08:49:37 1994",
            "Day Nov  6 08:49:37 1994",
        ] {
            assert!(HttpDate::parse(text).is_none(), "{text}");
        }
    }
}
