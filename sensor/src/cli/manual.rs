//! The manual page: one for all commands, with the options of each.

use std::io::{self, Write};

use clap::Command;
use clap_mangen::Man;

/// What exit codes mean, and where there is more.
const END: &str = "\
.SH \"EXIT STATUS\"
0: done. 1: the input or the environment failed, said in one line on standard error. 2: wrong usage or configuration.
apitap read, told to end by INT, TERM or HUP, writes out what it has and ends by that signal; a second one ends it at once.
.SH ENVIRONMENT
APITAP_<SECTION>__<KEY> overrides a key of the configuration; APITAP_LOG_LEVEL is \\-\\-log\\-level, APITAP_HEALTH_URL is
\\-\\-url of apitap health.
";

/// Writes the page (roff).
///
/// # Errors
///
/// When it cannot be written.
pub(super) fn write(out: &mut impl Write, program: &Command) -> io::Result<()> {
    let page = Man::new(program.clone());
    page.render_title(out)?;
    page.render_name_section(out)?;
    page.render_synopsis_section(out)?;
    page.render_options_section(out)?;
    for command in program.get_subcommands() {
        section(out, program.get_name(), command)?;
    }
    out.write_all(END.as_bytes())?;
    page.render_version_section(out)
}

/// A command, and those in it.
fn section(out: &mut impl Write, above: &str, command: &Command) -> io::Result<()> {
    let name = format!("{above} {}", command.get_name());
    writeln!(out, ".SH \"{name}\"")?;
    if let Some(about) = command.get_about() {
        writeln!(out, "{}", about.to_string().replace('-', "\\-"))?;
    }
    // Where it stands, its sections are parts of one; help is the same for all.
    let alone = command.clone().bin_name(&name).display_name(&name).disable_help_flag(true);
    let mut text = Vec::new();
    let page = Man::new(alone.disable_help_subcommand(true));
    page.render_synopsis_section(&mut text)?;
    page.render_options_section(&mut text)?;
    let text = String::from_utf8_lossy(&text).replace("\n.SH ", "\n.SS ");
    let text = text.strip_prefix(".SH ").map_or_else(|| text.clone(), |rest| format!(".SS {rest}"));
    out.write_all(text.as_bytes())?;
    command.get_subcommands().try_for_each(|inner| section(out, &name, inner))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    fn told(text: &str, command: &Command) {
        for argument in command.get_arguments().filter_map(clap::Arg::get_long) {
            let option = format!("\\-\\-{}", argument.replace('-', "\\-"));
            assert!(text.contains(&option), "{} --{argument}", command.get_name());
        }
        command.get_subcommands().for_each(|inner| {
            assert!(text.contains(inner.get_name()), "{}", inner.get_name());
            told(text, inner);
        });
    }

    #[test]
    fn every_option_of_every_command_is_told() {
        let program = crate::cli::Cli::command();
        let mut out = Vec::new();
        write(&mut out, &program).unwrap();
        let text = String::from_utf8(out).unwrap();
        told(&text, &program);
        // Of these there are none.
        assert!(!text.contains("read(1)"));
        assert!(text.contains(".SH \"apitap key retire\""));
    }
}
