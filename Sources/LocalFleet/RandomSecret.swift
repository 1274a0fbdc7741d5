import NodeAgent

/// Secrets of one run.
enum RandomSecret {
    /// 32 hexadecimal digits, 128 bits.
    static func make() -> String { NodeSettings.secret() }
}
