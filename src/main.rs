//! The command line of Cordon; nothing else.

fn main() {
    cordon::cpu::require();
}
