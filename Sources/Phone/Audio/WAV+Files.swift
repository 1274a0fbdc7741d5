import Foundation
import Sound

/// Sound in files.
extension WAV {
    /// Reads a file.
    init(url: URL) throws(PhoneError) {
        let data: Data
        do { data = try Data(contentsOf: url) } catch {
            throw .audioFile(url, reason: "cannot be read (\(error.localizedDescription))")
        }
        do { self = try WAV(file: Array(data)) } catch { throw .audioFile(url, reason: error.description) }
    }

    /// Writes the file, and the folder it lies in.
    func write(to url: URL) throws(PhoneError) {
        do {
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try Data(file).write(to: url, options: .atomic)
        } catch {
            throw .audioFile(url, reason: "cannot be written (\(error.localizedDescription))")
        }
    }
}
