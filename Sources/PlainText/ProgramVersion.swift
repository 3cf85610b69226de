/// The version of this program, and of the plug-ins that are built into it.
package enum ProgramVersion {
    package static let text = "0.1.0"
}
